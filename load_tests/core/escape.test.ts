import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounded, csvCell, html, markdown, terminal } from "./escape.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });

describe("terminal", () => {
  it.each([
    ["plain ünïcode 日本 👍", "plain ünïcode 日本 👍"],
    ["a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["\u009b2J", "\\x9b2J"],
    ["a\u202eb\u2028c\u2066", "a\\u202eb\\u2028c\\u2066"],
    ["\u0000\u007f", "\\x00\\x7f"],
    ["\ud800x", "\\ud800x"],
  ])("%j is shown as %s", (text, shown) => expect(terminal(text)).toBe(shown));

  it("lets no control character through", () => {
    fc.assert(fc.property(anyText, (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(terminal(text))));
  });
});

describe("csvCell", () => {
  it.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ["a\nb", '"a\nb"'],
    ["=1+1", "'=1+1"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@x", "'@x"],
    ["\tx", "'\tx"],
    ["\rx", `"'\rx"`],
    ["", ""],
  ])("%j is written as %s", (text, cell) => expect(csvCell(text)).toBe(cell));

  it("is read back as the text, but for the mark before a formula", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cell = csvCell(text);
        const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect(read.replace(/^'(?=[=+\-@\t\r])/, "")).toBe(text.replace(/^'(?=[=+\-@\t\r])/, ""));
      }),
    );
  });
});

describe("html", () => {
  it("escapes what ends a text or an attribute", () => {
    expect(html(`<script>alert("x" & 'y')</script>`)).toBe(
      "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;",
    );
  });
});

describe("markdown", () => {
  it.each([
    ["GET /items/:id", "GET /items/:id"],
    ["a|b\nc", "a\\|b c"],
    ["**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`"],
    ["[x](javascript:1)", "\\[x\\]\\(javascript:1\\)"],
    ["<img src=x>", "&lt;img src=x&gt;"],
    ["https://evil.example", "https&#58;//evil\\.example"],
    ["\\", "\\\\"],
    ["\u001b[2J", "\\\\x1b\\[2J"],
  ])("%j is written as %s", (text, escaped) => expect(markdown(text)).toBe(escaped));
});

describe("bounded", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["a👍b", 3, "a…"],
    ["👍👍", 4, "👍👍"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%j at most %i long is %j", (text, max, expected) => expect(bounded(text, max)).toBe(expected));

  it("is never longer than asked and never cuts a pair in two", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, max) => {
        expect(bounded(text, max).length).toBeLessThanOrEqual(max);
        expect(bounded(text, max)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      }),
    );
  });
});
