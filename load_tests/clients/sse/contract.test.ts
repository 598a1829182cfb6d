import { describeClient } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import { serveModel } from "./fixture.ts";
import { openai } from "./index.ts";

const contentOf = (json: unknown) =>
  (json as { choices: { message: { content: string } }[] }).choices[0]?.message.content;

const fixture = (connections: string, perUser: boolean) => ({
  protocol: openai,
  serve: serveModel,
  config: (address: string) => ({
    host: `http://${address}`,
    model: "m",
    cache: "warm",
    connections,
    prompts: [{ prompt: "{{user.id}}", checks: ["$.choices[0].message.content exists"] }],
  }),
  userOf: contentOf,
  statuses: { echo: "200", "client-error": "404", "server-error": "503", limited: "429" },
  perUser,
  outcomeOf: outcomeOfConnect,
});

describeClient("openai, a connection a user,", fixture("per_user", true));
