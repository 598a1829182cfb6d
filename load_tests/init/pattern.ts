/** A text that a regular expression takes, of the sorts that schemas use: no look-around and no references back. */

/** Gives a text; `more` is how often each part that may be repeated without end is repeated beyond what it must be. */
type Part = (more: number) => string;

const MOST_MORE = 64;
const MOST_TEXT = 10_000;
const PLAIN = "a1A-_ .:/@";

/** Reads a pattern from its beginning on. Throws where it is none of the sorts that are understood. */
class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Of each way that the whole pattern names. */
  whole(): Part[] {
    const parts = this.choice();
    if (this.at < this.text.length) throw new SyntaxError(`unexpected ${this.text[this.at]}`);
    return parts;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private choice(): Part[] {
    const ways = [this.sequence()];
    while (this.take("|")) ways.push(this.sequence());
    return ways;
  }

  private sequence(): Part {
    const parts: Part[] = [];
    while (this.at < this.text.length && !/[|)]/.test(this.text[this.at]!)) parts.push(this.repeated());
    return (more) => parts.map((part) => part(more)).join("");
  }

  private repeated(): Part {
    const part = this.atom();
    const [count = ""] = /^([*+?]|\{\d+(,\d*)?\})\??/.exec(this.text.slice(this.at)) ?? [];
    this.at += count.length;
    if (count === "" || count.startsWith("?")) return count === "" ? part : () => "";
    const [least = "0", most] = /\d/.test(count)
      ? count.slice(1, count.indexOf("}")).split(",")
      : [count.startsWith("+") ? "1" : "0", ""];
    const extra = (more: number) => (most === "" ? more : 0);
    return (more) => {
      const [text, times] = [part(more), Number(least) + extra(more)];
      if (text.length * times > MOST_TEXT) throw new RangeError("too long a text");
      return text.repeat(times);
    };
  }

  private atom(): Part {
    if (this.take("^") || this.take("$")) return () => "";
    if (this.take("(?:") || this.take("(")) {
      if (this.text[this.at] === "?") throw new SyntaxError("look-around");
      const [first] = this.choice();
      if (!this.take(")")) throw new SyntaxError("expected )");
      return first!; // as good as any other
    }
    const [token] = /^(\[\^?\]?(\\.|[^\]\\])*\]|\\.|[\s\S])/.exec(this.text.slice(this.at)) ?? [""];
    this.at += token.length;
    const char = charOf(token);
    return () => char;
  }
}

/** One character that a class, an escape or a plain character takes. */
function charOf(token: string): string {
  const fits = new RegExp(`^${token}$`, "u");
  const own = [...PLAIN, ...token, ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))];
  const found = own.find((char) => fits.test(char));
  if (found === undefined) throw new SyntaxError(`nothing plain fits ${token}`);
  return found;
}

/** Null where the pattern is not understood, or no text of that length is found. */
export function textLike(pattern: string, least = 0, most = Number.POSITIVE_INFINITY): string | null {
  try {
    const [fits, ways] = [new RegExp(pattern, "u"), new Reader(pattern).whole()];
    for (let more = 0; more <= MOST_MORE; more++) {
      const texts = ways.map((way) => way(more)).filter(({ length }) => length >= Math.max(1, least) && length <= most);
      const found = texts.find((text) => fits.test(text));
      if (found !== undefined) return found;
    }
  } catch {
    // A pattern of another dialect, or one that asks for more than is understood here.
  }
  return null;
}
