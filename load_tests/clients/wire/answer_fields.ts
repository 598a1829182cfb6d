/** Headers of an answer, decoded only where somebody asks. */

export interface AnswerFields {
  /** The values of a header, in their order, whatever the case of its name. */
  values(name: string): readonly string[];
}

/** Blanks around a value do not belong to it (RFC 9112 5.1). */
const withoutBlanks = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, "");

/** As undici and HTTP/2 give them: names and values in turn. */
export class RawFields implements AnswerFields {
  private readonly pairs: readonly Buffer[];

  constructor(pairs: readonly Buffer[]) {
    this.pairs = pairs;
  }

  has(name: string): boolean {
    return this.pairs.some((each, i) => i % 2 === 0 && isNamed(each, name));
  }

  values(name: string): readonly string[] {
    const { pairs } = this;
    const wanted = name.toLowerCase();
    return pairs
      .filter((_, i) => i % 2 === 1 && isNamed(pairs[i - 1]!, wanted))
      .map((value) => withoutBlanks(value.toString("latin1")));
  }
}

const isNamed = (bytes: Buffer, name: string): boolean =>
  bytes.length === name.length && bytes.toString("latin1").toLowerCase() === name;

/** Lines as they came (RFC 9112 5). */
export class FieldLines implements AnswerFields {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  values(name: string): readonly string[] {
    const { text } = this;
    const wanted = name.toLowerCase();
    const found: string[] = [];
    for (let from = 0, end = 0; from < text.length; from = end + 2) {
      end = text.indexOf("\r\n", from);
      if (end < 0) end = text.length;
      const colon = from + wanted.length;
      if (text[colon] === ":" && text.slice(from, colon).toLowerCase() === wanted)
        found.push(withoutBlanks(text.slice(colon + 1, end)));
    }
    return found;
  }
}
