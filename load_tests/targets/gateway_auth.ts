/** The gateway's tokens and logins. It knows every user by any password; an empty password is a wrong one. */
import { z } from "zod";
import { ok, type Route, refuse, withBody } from "./gateway_route.ts";
import type { HttpAnswer } from "./http_service.ts";
import { issue, verify } from "./token.ts";

const ACCESS_SECONDS = 3600;
const REFRESH_SECONDS = 7 * 24 * 3600;
const ADMIN = "admin";

const credentials = z.object({ username: z.string(), password: z.string() });
const loginBody = credentials.extend({ user_id: z.string() }).partial();
const refreshBody = z.object({ refresh_token: z.string().min(1).max(1000) });

const accessToken = (sub: string, roles?: readonly string[]) =>
  issue({ sub, type: "access", ...(roles && { roles }) }, ACCESS_SECONDS);

function session(user: string, roles: readonly string[]): HttpAnswer {
  return ok({
    access_token: accessToken(user, roles),
    refresh_token: issue({ sub: user, type: "refresh" }, REFRESH_SECONDS),
    token_type: "bearer",
    user_id: user,
    username: user,
    roles,
  });
}

function login({ username, password, user_id }: z.output<typeof loginBody>): HttpAnswer {
  if (username !== undefined && password !== undefined)
    return username === "" || password === "" ? refuse(401, "Invalid credentials") : session(username, ["user"]);
  if (user_id !== undefined) return session(user_id, ["user"]);
  return refuse(400, "Either username and password or user_id is required");
}

function adminLogin({ username, password }: Partial<z.output<typeof credentials>>): HttpAnswer {
  if (username === undefined || password === undefined) return refuse(400, "Username and password are required");
  if (username === "" || password === "") return refuse(401, "Invalid credentials");
  if (username !== ADMIN) return refuse(403, "Admin role required");
  const answer = session(username, [ADMIN]);
  return ok({ ...(answer.body as object), role: ADMIN });
}

function refresh(token: string): HttpAnswer {
  const claims = verify(token, "refresh");
  if (claims === null) return refuse(401, "Invalid or expired refresh token");
  return ok({ access_token: accessToken(claims.sub, ["user"]), token_type: "bearer" });
}

export const authRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/auth/token",
    answer: ({ query }) =>
      ok({ access_token: accessToken(new URLSearchParams(query).get("user_id") ?? "default"), token_type: "bearer" }),
  },
  { method: "POST", path: "/auth/login", answer: withBody(loginBody, login) },
  { method: "POST", path: "/auth/refresh", answer: withBody(refreshBody, (body) => refresh(body.refresh_token)) },
  {
    method: "POST",
    path: "/auth/logout",
    bearer: true,
    answer: withBody(refreshBody, (body) =>
      verify(body.refresh_token, "refresh") === null
        ? refuse(401, "Invalid or expired refresh token")
        : ok({ message: "Logged out" }),
    ),
  },
  { method: "POST", path: "/admin/auth/login", answer: withBody(credentials.partial(), adminLogin) },
];
