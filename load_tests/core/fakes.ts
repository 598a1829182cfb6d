/** Names, addresses and products of the library faker, in English; loaded only where a template asks for them. */
import type { Faker } from "@faker-js/faker";
import type { Random } from "./random.ts";

/** Those that need no clock. */
const MODULES = [
  ...["airline", "animal", "book", "color", "commerce", "company", "database", "finance", "food", "hacker"],
  ...["internet", "location", "lorem", "music", "person", "phone", "system", "vehicle", "word"],
] as const;
/** They read the clock. */
const EXCEPT = new Set(["internet.jwt"]);

export const FAKE_USAGE = `random.fake "person.fullName" (module.method of the library faker, as fakerjs.dev/api has them: ${MODULES.join(", ")})`;

let faker: Faker | null = null;
let stream: Random | null = null;

/** Loads the library where any text in the value asks for it; templates are compiled without waiting. */
export async function loadFakes(value: unknown): Promise<void> {
  if (faker !== null || !JSON.stringify(value ?? null).includes("random.fake")) return;
  const english = (await import("@faker-js/faker/locale/en")).faker;
  const { constructor: Fakes } = english as unknown as { constructor: typeof Faker };
  faker = new Fakes({
    locale: english.rawDefinitions,
    randomizer: { next: () => stream!.next(), seed: () => {} },
  });
}

const isModule = (name: string): name is (typeof MODULES)[number] => (MODULES as readonly string[]).includes(name);

function methodOf(faker: Faker, name: string): (() => unknown) | undefined {
  const [module = "", method = "", ...more] = name.split(".");
  if (!isModule(module) || more.length > 0 || EXCEPT.has(name)) return undefined;
  const found = Object.hasOwn(Object.prototype, method) ? undefined : (faker[module] as unknown as Methods)[method];
  return typeof found === "function" ? () => found.call(faker[module]) : undefined;
}
type Methods = Readonly<Record<string, (() => unknown) | undefined>>;

/** A draw of the library; undefined where it has none of the name. */
export function fakeOf(args: readonly unknown[]): ((random: Random) => unknown) | undefined {
  if (faker === null) throw new Error("random.fake: the library was not loaded before the template was compiled");
  const make = args.length === 1 && typeof args[0] === "string" ? methodOf(faker, args[0]) : undefined;
  if (make === undefined) return undefined;
  return (random) => {
    stream = random;
    return make();
  };
}
