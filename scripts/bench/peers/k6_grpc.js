import { check } from "k6";
import grpc from "k6/net/grpc";

const { TARGET, PROTO, INVOKE, VUS, LIMIT } = __ENV;
const client = new grpc.Client();
client.load([PROTO], "echo.proto");
let connected = false;

export const options = { vus: INVOKE === "asyncInvoke" ? VUS / 10 : VUS, duration: LIMIT };
const note = { text: "hello" };
const good = (response) => check(response, { "status is OK": ({ status }) => status === grpc.StatusOK });

export default async function bench() {
  if (!connected) client.connect(TARGET, { plaintext: true });
  connected = true;
  if (INVOKE === "invoke") good(client.invoke("bench.Echo/Say", note));
  else
    for (const answer of await Promise.all(
      Array.from({ length: 10 }, () => client.asyncInvoke("bench.Echo/Say", note)),
    ))
      good(answer);
}
