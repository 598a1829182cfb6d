import { defineSink } from "tenfold";

let slow = 0;

export default defineSink({
  sample: 0.1,
  call({ latency }) {
    if (latency > 100) slow++;
  },
  close: (run) => run.log(slow),
});
