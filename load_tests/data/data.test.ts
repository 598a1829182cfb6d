import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { feedSchema, type Rows } from "../core/feed.ts";
import { fieldsOf } from "./csv.ts";
import { dataFiles, openFeed } from "./open.ts";

const readFeed = dataFiles.feed;
const folder = mkdtempSync(join(tmpdir(), "tenfold-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

const open = async (name: string, content: string | Uint8Array, words: object = {}): Promise<Rows> => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return openFeed((await readFeed("f", feedSchema.parse({ file, ...words }))).feed);
};
const allOf = (rows: Rows) => Array.from({ length: rows.count }, (_, i) => rows.row(i));

describe("A CSV", () => {
  it.each<[string, string, object]>([
    ["plain", "id,name\n1,Ann\n2,Bob\n", {}],
    ["without a last line end", "id,name\n1,Ann\n2,Bob", {}],
    ["from Windows", "\ufeffid,name\r\n1,Ann\r\n2,Bob\r\n", {}],
    ["in quotes", '"id","name"\r\n"1","Ann"\r\n"2","Bob"', {}],
    ["with empty lines", "\n\r\nid,name\n\n1,Ann\n\r\n\n2,Bob\n\n", {}],
    ["with semicolons", "id;name\n1;Ann\n2;Bob\n", { delimiter: ";" }],
  ])("%s is rows of texts", async (_, text, words) => {
    const rows = await open("a.csv", text, words);
    expect(rows.columns).toEqual(["id", "name"]);
    expect(allOf(rows)).toEqual([
      { id: "1", name: "Ann" },
      { id: "2", name: "Bob" },
    ]);
  });

  it("keeps line ends, quotes, delimiters, spaces and other alphabets inside of fields", async () => {
    const text = 'a,b\n"x\r\ny, ""z""", é \n,\n"",""""\n';
    expect(allOf(await open("b.csv", text))).toEqual([
      { a: 'x\r\ny, "z"', b: " é " },
      { a: "", b: "" },
      { a: "", b: '"' },
    ]);
  });

  it.each([
    [
      "a row with a field too few",
      "a,b\n1,2\n\n3\n",
      /^c\.csv:4: expected 2 fields, as many as the header has, found 1$/,
    ],
    [
      "a row with one too many, after a field of several lines",
      'a,b\n"1\n\n",2\n3,4,5\n',
      /^c\.csv:5: expected 2 fields/,
    ],
    [
      "a quote that is never closed",
      'a,b\n1,2\n"3,4\n5,6\n',
      /^c\.csv:3: a quote opens a field here and is never closed/,
    ],
    ["a quote inside a field", 'a,b\n1,2" wide\n', /^c\.csv:2: a " stands inside a field/],
    ["text after a closing quote", 'a,b\n"1" x,2\n', /^c\.csv:2: a " stands inside a field/],
    ["no rows", "a,b\n", /^c\.csv: expected rows below the header/],
    ["nothing", "\ufeff", /^c\.csv: the file is empty/],
    ["two columns of one name", "a,a\n1,2\n", /^c\.csv:1: the header has the column "a"/],
    ["a column without a name", "a,\n1,2\n", /^c\.csv:1: the header has the column ""/],
    [
      "a column that no template reads",
      "a,__proto__\n1,2\n",
      /^c\.csv:1: .*"__proto__": expected a name that templates can/,
    ],
    ["another delimiter", "a;b\n1;2\n", /^c\.csv:1: the header is one column named "a;b": say `delimiter: ";"`$/],
    ["another encoding", Uint8Array.from([0x61, 0x0a, 0xe9, 0x0a]), /^c\.csv: this is no text in UTF-8/],
  ])("with %s is refused with its line", async (_, text, message) => {
    await expect(open("c.csv", text)).rejects.toThrow(message);
  });

  it("is read as the library csv-parse reads it, whatever is in it", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", ";"), maxLength: 6 });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), async (records, end) => {
        const names = records[0]!.map((_, i) => `c${i}`);
        const text = [names, ...records].map((each) => each.map(quoted).join(",")).join(end);
        const found = allOf(await open("d.csv", text)).map((row) => Object.values(row));
        expect(found).toEqual(records);
        expect(found).toEqual(parse(text, { from_line: 2, relax_column_count: true }));
      }),
      { numRuns: 60 },
    );
  });

  it("is split at the first line end, so that empty lines behind a row are no part of it", () => {
    expect(fieldsOf("1,2\r\n\r\n\n", ",")).toEqual(["1", "2"]);
    expect(fieldsOf('1,"2"\r\n\n', ",")).toEqual(["1", "2"]);
    expect(fieldsOf('"1",2\r\n\n', ",")).toEqual(["1", "2"]);
  });
});

describe("A large CSV", () => {
  const ROWS = 150_000;
  const rowText = (i: number) => `${i},"Doe, ""J"" ${i}",user${i}@example.com,${"é漢🎈".repeat(i % 20)}`;

  it("is indexed once, and any row of it is found", async () => {
    const file = join(folder, "large.csv");
    const handle = openSync(file, "w");
    writeSync(handle, "id,name,email,note\n");
    for (let from = 0; from < ROWS; from += 10_000)
      writeSync(handle, Array.from({ length: 10_000 }, (_, i) => `${rowText(from + i)}\r\n`).join(""));
    closeSync(handle);
    const before = process.memoryUsage().arrayBuffers;
    const { feed } = await readFeed("f", feedSchema.parse({ file }));
    const rows = await openFeed(feed);
    expect(rows.count).toBe(ROWS);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0.5 * statSync(file).size);
    for (const i of [0, 1, 77_777, 149_998, 149_999])
      expect(rows.row(i)).toEqual({
        id: String(i),
        name: `Doe, "J" ${i}`,
        email: `user${i}@example.com`,
        note: "é漢🎈".repeat(i % 20),
      });
    rows.close();
  });
});

describe("JSON", () => {
  const values = [
    { id: 1, tags: ["a"], deep: { x: null } },
    { id: 2, other: true },
  ];

  it("lines are rows of their own types, with the keys that any row has", async () => {
    const text = `\ufeff${JSON.stringify(values[0])}\r\n\n  \n${JSON.stringify(values[1])}`;
    for (const name of ["a.jsonl", "a.ndjson"]) {
      const rows = await open(name, text);
      expect(allOf(rows)).toEqual(values);
      expect(rows.columns).toEqual(["id", "tags", "deep", "other"]);
    }
  });

  it("lists are too", async () => {
    const rows = await open("a.json", `\ufeff${JSON.stringify(values, null, 2)}\n`);
    expect([rows.count, ...allOf(rows)]).toEqual([2, ...values]);
    expect(rows.columns).toEqual(["id", "tags", "deep", "other"]);
  });

  it.each([
    ["a line that is broken", "b.jsonl", '{"a":1}\n{"a":\n', /^b\.jsonl:2: this is not JSON/],
    ["a line that is no map", "b.jsonl", '{"a":1}\n\n[1]\n', /^b\.jsonl:3: expected a map/],
    ["no lines", "b.jsonl", "\n\n", /^b\.jsonl: expected rows/],
    ["a map instead of a list", "b.json", '{"a":1}', /^b\.json: expected a list of maps/],
    ["an empty list", "b.json", "[]", /^b\.json: expected a list of maps/],
    ["a list with a number", "b.json", '[{"a":1}, 2]', /^b\.json: entry 1: expected a map/],
    ["a broken list", "b.json", '[{"a":1},', /^b\.json: this is not JSON/],
  ])("with %s is refused", async (_, name, text, message) => {
    await expect(open(name, text)).rejects.toThrow(message);
  });
});

describe("A data file", () => {
  it("whose name says no format is refused, and taken with one", async () => {
    await expect(open("rows.txt", "a\n1\n")).rejects.toThrow(/^rows\.txt: expected a name that ends in \.csv/);
    expect(allOf(await open("rows.txt", "a\n1\n", { format: "csv" }))).toEqual([{ a: "1" }]);
  });

  it("that is not there, or is a folder, is refused", async () => {
    await expect(readFeed("f", feedSchema.parse({ file: join(folder, "none.csv") }))).rejects.toThrow(
      /^none\.csv: expected a file that can be read/,
    );
    await expect(readFeed("f", feedSchema.parse({ file: folder, format: "csv" }))).rejects.toThrow(
      /expected a file, found/,
    );
  });

  it("that is another than when the config was read is refused", async () => {
    const file = join(folder, "changed.csv");
    writeFileSync(file, "a\n1\n2\n");
    const { feed } = await readFeed("f", feedSchema.parse({ file }));
    writeFileSync(file, "a\n1\n");
    await expect(openFeed(feed)).rejects.toThrow(/had 2 rows when the config was read, and has 1 now/);
  });
});
