/** Memory of users who mostly wait, and of a run by its requests. */
import { http } from "../peers.js";
import { measure, memoryByAnswers, present, rounds } from "../runner.js";
import { withServer } from "../servers.js";
import { flatOut, get, tenfold, websocket } from "../tenfold.js";

const HOLD_S = 5;
/** So that those who arrive are no burst: what is measured is how they wait. */
const ARRIVE_S = 10;
const THINK = "1s..3s";

const crowd = (users, think) => `users: ${users}, spawn_rate: ${Math.ceil(users / ARRIVE_S)}, think_time: ${think}`;
const own = (name, users, service, think = THINK) => ({ name, users, ...tenfold(service, crowd(users, think)) });

const onHttp = ({ port }) => [
  own("tenfold, 1 user", 1, get(port)),
  own("tenfold, 10,000 users, a connection each", 10_000, get(port)),
  own(
    "tenfold, 50,000 users on shared connections, 20 to 40 s apart",
    50_000,
    get(port, "connections: shared,"),
    "20s..40s",
  ),
  {
    ...http.locust(port, 10_000, "FastHttpUser", { THINK: "1" }),
    name: "Locust FastHttpUser, 10,000 users",
    users: 10_000,
  },
  { ...http.k6(port, 10_000, { THINK: "1" }), name: "k6, 10,000 users", users: 10_000 },
];
const onSockets = ({ port }) => [
  own("tenfold, 10,000 open WebSockets, 5 to 10 s apart", 10_000, websocket(port), "5s..10s"),
];

const take = (entries) => async (server) => {
  const load = { seconds: HOLD_S, warmUp: ARRIVE_S + 1 };
  const one = async (entry) => ({ users: entry.users, ...(await measure(entry, server, load)) });
  return rounds(present(entries(server)), one, 1);
};

/** The same run, read twice: requests leave nothing behind. */
async function byRequests(server) {
  const counts = [200_000, 1_000_000];
  const peaks = await memoryByAnswers(tenfold(get(server.port), flatOut(100)), server, counts);
  const nameOf = (count) => `tenfold, 100 users without a pause, after ${count.toLocaleString("en")} requests`;
  return counts.map((count, i) => ({ name: nameOf(count), users: 1, rss_mb: peaks[i] }));
}

const run = async () => {
  const rows = [
    ...(await withServer("nginx", [], take(onHttp))),
    ...(await withServer("nginx", [], byRequests)),
    ...(await withServer("websocket", [], take(onSockets))),
  ];
  return rows.map((row) => ({ job: "memory", kind: "think time 1 to 3 s", ...row }));
};

const columns = () => [
  ["", ({ name }) => name],
  ["peak RSS MB", ({ rss_mb }) => rss_mb],
  ["KB a user", ({ users, rss_mb }) => (users > 1 ? (rss_mb * 1024) / users : Number.NaN)],
  ["requests/s", ({ per_second }) => per_second],
  ["client's core %", ({ client_busy }) => client_busy * 100],
];

export const memory = { title: "Memory of users who mostly wait (think 1 to 3 s)", run, columns };
