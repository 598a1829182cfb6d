import { afterAll, describe } from "vitest";
import { makeCertificates } from "../certificates.ts";
import { describeClient, type Fixture } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import { HTTP_FAULTS, rawServer } from "../raw_http.ts";
import { serveHttp } from "./fixture.ts";
import { restFaults, serveHttp2 } from "./h2_fixture.ts";
import { rest } from "./index.ts";

const certificates = makeCertificates();
afterAll(() => certificates.remove());

const endpoints = [{ path: "/users/{{user.id}}", checks: ["body not empty"] }];
const common = {
  protocol: rest,
  userOf: (json: unknown) => (json as { user: unknown }).user,
  statuses: { echo: "200", "client-error": "404", "server-error": "503", limited: "429" },
  outcomeOf: outcomeOfConnect,
} satisfies Partial<Fixture>;

const EARLY = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";

describe.each(["fast", "reference"])("driver: %s", (driver) => {
  describeClient("rest", {
    ...common,
    serve: serveHttp,
    config: (address) => ({ host: `http://${address}`, connections: "per_user", driver, endpoints }),
    perUser: true,
    faults: {
      ...HTTP_FAULTS,
      oversize: null,
      for_no_one: {
        serve: () => rawServer((socket) => void socket.write(`${EARLY}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`)),
        status: "200",
      },
    },
    secure: (address, ca) => ({ host: `https://${address}`, driver, tls: { ca }, endpoints }),
  });
});

describeClient("rest over HTTP/2", {
  ...common,
  serve: (behaviour) => serveHttp2(certificates.good, behaviour),
  config: (address) => ({
    ...{ host: `https://${address}`, http2: true, tls: { ca: certificates.authority.cert }, endpoints },
    connections: "shared",
  }),
  perUser: false,
  secure: (address, ca) => ({ host: `https://${address}`, http2: true, tls: { ca }, endpoints }),
  faults: restFaults(certificates.good),
});
