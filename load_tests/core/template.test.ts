import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadFakes } from "./fakes.ts";
import { randomStream } from "./random.ts";
import { compileJson, compileText, hasTemplate, MissingValue, templateProblems, type Values } from "./template.ts";

beforeAll(() => loadFakes("random.fake"));

const values = (more: Record<string, unknown> = {}): Values => ({
  user: { id: "u7", index: 7 },
  run: { id: "run-1" },
  iteration: 3,
  env: { REGION: "eu" },
  random: randomStream(1, 2),
  now: 1_700_000_000_000,
  ...more,
});

describe("text", () => {
  it.each([
    ["plain text", "plain text"],
    ["", ""],
    ["/ws/{user_id}", "/ws/{user_id}"],
    ["\\{{user.id}} stays", "{{user.id}} stays"],
    ["{{user.id}}", "u7"],
    ["/users/{{user.id}}/n/{{user.index}}", "/users/u7/n/7"],
    ["{{run.id}} {{iteration}} {{env.REGION}} {{now}}", "run-1 3 eu 1700000000000"],
    ['{{now "iso"}}', "2023-11-14T22:13:20.000Z"],
    ["{{date}}", "2023-11-14"],
    ['{{date "+1d"}} {{date "-14d"}}', "2023-11-15 2023-10-31"],
    ['{{date "dd.MM.yyyy HH:mm:ss.SSS"}}', "14.11.2023 22:13:20.000"],
    [`{{date "+1h30m" "yyyy-MM-dd'T'HH:mm'Z'"}}`, "2023-11-14T23:43Z"],
    ['{{date "iso"}} {{date "+1s" "s"}} {{date "-1s" "ms"}}', "2023-11-14T22:13:20.000Z 1700000001 1699999999000"],
    ["{{date sent.ahead}}", "2023-11-16"],
    ["{{{sent.text}}} {{sent.text}}", `<a href="x">&'</a> <a href="x">&'</a>`],
    ["a {{~user.id~}} b", "au7b"],
    ["a{{! a comment }}b", "ab"],
    ["{{sent.list}} {{sent.none}}|{{sent.no}}", '["a","b"] |false'],
    ["{{sent.list.[1]}} {{sent.list.length}}", "b 2"],
    ["{{#if sent.no}}yes{{else if user.id}}user{{else}}none{{/if}}", "user"],
    ["{{#if nowhere.at.all}}yes{{else}}no{{/if}}", "no"],
    ["{{#unless sent.empty}}empty{{/unless}}", "empty"],
    ["{{#each sent.list}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0a,1b"],
    ["{{#each sent.items}}{{id}} of {{user.id}} in {{../run.id}} {{/each}}", "1 of u7 in run-1 2 of u7 in run-1 "],
    ["{{#each sent.map}}{{@key}}={{.}};{{/each}}", "x=1;y=2;"],
    ["{{#each sent.empty}}item{{else}}nothing{{/each}}", "nothing"],
    ['{{#if (random.pick "a")}}always{{/if}}', "always"],
  ])("%j becomes %j", (template, expected) => {
    const sent = {
      text: `<a href="x">&'</a>`,
      list: ["a", "b"],
      none: null,
      no: false,
      empty: [],
      items: [{ id: 1 }, { id: 2 }],
      map: { x: 1, y: 2 },
      ahead: "+2d",
    };
    expect(compileText(template)(values({ sent }))).toBe(expected);
  });

  it("stays as it is where it holds no template", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("{{"));
        expect(compileText(text)(values())).toBe(text);
        expect(templateProblems(text, [])).toEqual([]);
      }),
    );
  });

  it("takes values in as they are, whatever stands in them", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, id) => {
        fc.pre(!before.includes("{") && !before.endsWith("\\"));
        const fill = compileText(`${before}{{sent.id}}|{{sent.id}}`);
        expect(fill(values({ sent: { id } }))).toBe(`${before}${id}|${id}`);
      }),
    );
  });
});

describe("a value that is missing", () => {
  it.each([
    ["{{sent.id}}", "sent.id"],
    ["a {{cart}} b", "cart"],
    ["{{env.NOWHERE}}", "env.NOWHERE"],
    ["{{#each things}}x{{/each}}", "things"],
    ["{{#each sent}}{{this.id}}{{/each}}", "this.id"],
    ["{{random.int 1 sent.x}}", "sent.x"],
    ["{{random.pick sent.empty}}", "random.pick"],
    ["{{random.int sent.word 9}}", "random.int"],
    ["{{#each sent.word}}x{{/each}}", "sent.word"],
  ])("ends %j with its name", (template, path) => {
    const fill = compileText(template);
    const attempt = () => fill(values({ sent: { empty: [], word: "w" } }));
    expect(attempt).toThrow(MissingValue);
    expect(attempt).toThrow(expect.objectContaining({ path }));
  });

  it.each([
    "constructor",
    "sent.constructor.name",
    "sent.__proto__",
    "sent.toString",
    "env.hasOwnProperty",
    "sent.word.at",
  ])("is what %s gives: prototypes are out of reach", (path) => {
    expect(() => compileText(`{{${path}}}`)(values({ sent: { word: "w" } }))).toThrow(MissingValue);
  });
});

describe("random values", () => {
  const shapes: [string, RegExp][] = [
    ["random.int 1 9", /^[1-9]$/],
    ["random.int -5 -5", /^-5$/],
    ["random.float", /^0(\.\d+(e-\d+)?)?$/],
    ["random.float 2 3", /^2(\.\d+)?$/],
    ["random.word", /^[a-z]+$/],
    ["random.name", /^[A-Z][a-z]+ [A-Z][a-z]+$/],
    ["random.email", /^[a-z]+\.[a-z]+\d+@example\.com$/],
    ["random.uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["random.hex", /^[0-9a-f]{8}$/],
    ["random.hex 21", /^[0-9a-f]{21}$/],
    ["random.string 12", /^[A-Za-z0-9]{12}$/],
    ["random.string 0", /^$/],
    ['random.date "2024-02-28" "2024-03-01"', /^2024-0(2-2[89]|3-01)$/],
    ['random.fake "person.fullName"', /^[A-Z].* [A-Z]/],
    ['random.fake "internet.httpStatusCode"', /^[1-5]\d\d$/],
    ['random.pick "a" "b"', /^[ab]$/],
    ["random.pick colours", /^(red|blue)$/],
    ['random.base64 "5"', /^[A-Za-z0-9+/]{7}=$/],
  ];
  const more = { colours: ["red", "blue"] };

  it.each(shapes)("%s has the form %s, and the same stream gives the same text", (expression, form) => {
    const fill = compileText(`{{${expression}}}`);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draw = () => fill(values({ ...more, random: randomStream(seed) }));
        expect(draw()).toMatch(form);
        expect(draw()).toBe(draw());
      }),
      { numRuns: 50 },
    );
  });

  it("come one after the other from one stream, and from no other source", () => {
    const fill = compileText("{{random.hex}} {{random.uuid}} {{random.name}}");
    const one = values({ random: randomStream(5) });
    const other = values({ random: randomStream(5) });
    const first = [fill(one), fill(one), fill(one)];
    expect(new Set(first).size).toBe(3);
    expect([fill(other), fill(other), fill(other)]).toEqual(first);
  });

  it("random.int reaches every whole number of its range and none outside", () => {
    const fill = compileJson("{{random.int 1 6}}");
    const all = values();
    const seen = new Set(Array.from({ length: 500 }, () => fill(all)));
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("random.base64 decodes to as many bytes as asked, canonically, each byte value about as often", () => {
    for (const size of [0, 1, 2, 3, 4, 1000]) {
      const text = compileText(`{{random.base64 "${size}"}}`)(values());
      expect(Buffer.from(text, "base64").toString("base64")).toBe(text);
      expect(Buffer.from(text, "base64")).toHaveLength(size);
    }
    const bytes = Buffer.from(compileText('{{random.base64 "64KB"}}')(values()), "base64");
    const counts = new Array(256).fill(0);
    for (const byte of bytes) counts[byte]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
    expect(chiSquare).toBeLessThan(350);
  });
});

describe("JSON", () => {
  it("keeps the type of a value that fills a string alone", () => {
    const fill = compileJson(["{{sent.n}}", "{{sent.yes}}", "{{sent.none}}", "{{sent.n}} ", "{{random.int 3 3}}"]);
    expect(fill(values({ sent: { n: 1, yes: true, none: null } }))).toEqual([1, true, null, "1 ", 3]);
  });

  it("fills strings and keys at every depth", () => {
    const sent = { id: 5 };
    const fill = compileJson({
      q: "{{random.int 3 3}}",
      s: "{{sent}}",
      t: "n {{sent.id}}",
      "{{user.id}}": [1, "{{now}}", null],
    });
    expect(fill(values({ sent }))).toEqual({ q: 3, s: { id: 5 }, t: "n 5", u7: [1, 1_700_000_000_000, null] });
  });

  it("gives what holds no template as the same object each time", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        fc.pre(!hasTemplate(json));
        expect(compileJson(json)(values())).toBe(json);
      }),
    );
    const part = { deep: [1, 2] };
    const filled = compileJson({ part, id: "{{user.id}}" })(values()) as { part: unknown };
    expect(filled.part).toBe(part);
  });

  it("sets a key named __proto__ as a key and no prototype", () => {
    const filled = compileJson(JSON.parse('{"__proto__": {"admin": "{{user.id}}"}}'))(values()) as object;
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"admin":"u7"}}');
  });

  it("finds templates in keys and in depth", () => {
    expect(hasTemplate({ a: [{ "{{user.id}}": 1 }] })).toBe(true);
    expect(hasTemplate({ a: [{ "{user_id}": "{ }" }], n: 1, b: new Uint8Array(2) })).toBe(false);
  });
});

describe("mistakes in a template", () => {
  it.each([
    ["{{usr.id}}", [], "user.id"],
    ["{{user.name}}", ["sent"], "user.id"],
    ["{{random.itn 1 2}}", [], "random.int"],
    ["{{random}}", [], "random"],
    ["{{snet.id}}", ["sent"], "sent"],
    ["{{iteratoin}}", [], "iteration"],
    ["{{this}}", [], "legal"],
    ["{{@index}}", [], "inside an #each"],
    ["{{random.int 1}}", [], "random.int 1 9"],
    ["{{random.int 9 1}}", [], "the smaller first"],
    ["{{random.int 1.5 2}}", [], "whole numbers"],
    ['{{random.base64 "64 parsecs"}}', [], "64KB"],
    ['{{random.base64 "1000GB"}}', [], "256MB"],
    ["{{random.word 3}}", [], "expected random.word"],
    ["{{random.pick}}", [], "random.pick"],
    ['{{now "local"}}', [], "iso"],
    ['{{date "1d"}}', [], "+1d"],
    ['{{date "+1d" "YYYY"}}', [], "yyyy-MM-dd"],
    ['{{date "+9000000d"}}', [], "+1d"],
    ['{{date "+1d" "iso" 3}}', [], "+1d"],
    ["{{random.string}}", [], "random.string 12"],
    ["{{random.string -1}}", [], "random.string 12"],
    ['{{random.date "2024-02-30" "2024-03-01"}}', [], "random.date"],
    ['{{random.date "2024-03-02" "2024-03-01"}}', [], "random.date"],
    ['{{random.fake "person.shoeSize"}}', [], "random.fake"],
    ['{{random.fake "constructor.constructor"}}', [], "random.fake"],
    ['{{random.fake "person.constructor"}}', [], "random.fake"],
    ['{{random.fake "internet.jwt"}}', [], "random.fake"],
    ["{{random.fake}}", [], "random.fake"],
    ["{{user.id 3}}", [], "a name alone"],
    ["{{random.int 1 max=9}}", [], "no named arguments"],
    ["{{#with user}}{{/with}}", [], "#if"],
    ["{{#eahc sent}}{{/eahc}}", ["sent"], "#each"],
    ["{{#if}}x{{/if}}", [], "{{#if NAME}}"],
    ["{{#each sent as |x|}}{{x}}{{/each}}", ["sent"], "this"],
    ["{{> partial}}", [], "partial"],
    ["{{user.id", [], "expected {{ name }}"],
    ["{{#if user.id}}x", [], "{{/if}}"],
    ["a\n{{#if user.id}}x{{/each}}", [], "if"],
    ["{{}}", [], "name"],
    ["{{sent.list.1}}", ["sent"], "list.[0]"],
  ])("%j is refused in a sentence that says %s … %s", (template, known, expected) => {
    const problems = templateProblems(template, known);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join(" ")).toContain(expected);
    expect(problems.join(" ")).not.toContain("\n");
  });

  it.each([
    ["{{sent.id}} {{sent}} {{products.price}}", ["sent", "products"]],
    ["{{a.b}} {{a.b.c}}", ["a.b"]],
    ["{{#each sent}}{{this}} {{@key}} {{anything.of.the.item}} {{../sent}}{{/each}}", ["sent"]],
    ["{{random.int 1 sent.max}} {{random.pick sent.list}}", ["sent"]],
    ["{{env.ANY}} {{now}} {{random.float}} {{random.base64 1024}}", []],
  ])("%j has none where %j are known", (template, known) => {
    expect(templateProblems(template, known)).toEqual([]);
  });

  it("are all told at once", () => {
    expect(templateProblems("{{usr.id}} {{#if nope}}{{random.int 1}}{{else}}{{x}}{{/if}}", [])).toHaveLength(4);
  });

  it("stop compilation too, but for names that only the run can fill", () => {
    expect(() => compileText("{{random.int 1}}")).toThrow("random.int 1 9");
    expect(() => compileJson({ a: ["{{user.nmae}}"] })).toThrow("user.id");
    expect(() => compileText("{{later.maybe}}")).not.toThrow();
  });

  it("never crash the check: any text either compiles or is a sentence", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "#if ",
      "/if",
      "user.id",
      "random.int",
      " 1",
      " 9",
      "{",
      "}",
      "#each ",
      '"a"',
      "\\",
      " ",
      "else",
      "^",
      ">",
      "(",
      ")",
      "=",
      "@index",
      "../",
      "this",
      "|",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const problems = templateProblems(text, []);
        for (const problem of problems) expect(problem.length).toBeGreaterThan(10);
        if (problems.length === 0) expect(typeof compileText(text)(values())).toBe("string");
      }),
      { numRuns: 2000 },
    );
  });
});
