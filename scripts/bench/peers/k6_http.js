import { check, sleep } from "k6";
import http from "k6/http";

const { TARGET, VUS, LIMIT, RATE, THINK } = __ENV;
const arrivals = { executor: "constant-arrival-rate", rate: RATE, duration: LIMIT, preAllocatedVUs: VUS, maxVUs: VUS };
const users = { executor: "constant-vus", vus: VUS, duration: LIMIT };

export const options = {
  scenarios: { bench: RATE ? arrivals : users },
  summaryTrendStats: ["p(50)", "p(99)"],
};

export default function bench() {
  check(http.get(TARGET), { "status is 200": ({ status }) => status === 200 });
  if (THINK) sleep(1 + 2 * Math.random());
}
