/** The types of what users write with: a line that is marked as an error and is none fails the lint. */
import { expect, expectTypeOf, it } from "vitest";
import { defineSink, defineWorkload, type SinkCall } from "./api.ts";

it("A sink is typed by what it hears, and is given back as it is", () => {
  const sink = defineSink({
    sample: 0.1,
    bodies: true,
    open: (run) => run.log(run.id.length, run.seed.toFixed(), run.startedAt),
    call(call, { scenario }) {
      expectTypeOf(call).toEqualTypeOf<SinkCall>();
      expectTypeOf(call.latency).toEqualTypeOf<number>();
      expectTypeOf(call.tags).toEqualTypeOf<readonly string[]>();
      expectTypeOf(scenario).toEqualTypeOf<string>();
      // @ts-expect-error what it hears of is not to be changed
      call.latency = 0;
      // @ts-expect-error it has no such field
      return call.duration_ms;
    },
    close: async () => {},
  });
  expect(sink).toMatchObject({ sample: 0.1, bodies: true });
});

it("What is no sink, and no workload, is an error where it is written", () => {
  // @ts-expect-error it hears of no calls
  defineSink({ sample: 0.5 });
  // @ts-expect-error a share is a number
  defineSink({ sample: "10%", call() {} });
  // @ts-expect-error there is no such method
  defineSink({ call() {}, flush() {} });
  // @ts-expect-error it has no tasks
  defineWorkload({ setup: () => ({ stock: 3 }) });
  const workload = defineWorkload({
    setup: () => ({ stock: 3 }),
    tasks: {
      async buy(user) {
        // @ts-expect-error a path is a text
        await user.get(3);
      },
    },
  });
  expect(Object.keys(workload.tasks)).toEqual(["buy"]);
});
