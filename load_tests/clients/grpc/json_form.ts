/** Messages between the form that JSON has for them and the form that protobuf's library takes. */
import { type FieldType, isMapEntry, lookUp, type MessageType, type Protos } from "./protos.ts";
import { shown } from "./scalars.ts";
import { WELL_KNOWN, type WellKnown } from "./well_known.ts";

// biome-ignore lint/suspicious/noExplicitAny: messages of protos known at run time only
type Convert = (value: any) => any;
/** Of a type by its full name; null where both forms are the same, so that nothing needs to be done. */
type ConvertOf = (name: string) => Convert | null;

const ANY = "google.protobuf.Any";
const SIXTY_FOUR_BITS = /^TYPE_(S?FIXED|[SU]?INT)64$/;

/** What is done to well-known types, and to maps by the type of their keys. */
interface Direction {
  /** Of a well-known type; null where they are taken field by field. */
  readonly known: ((name: string, of: ConvertOf) => Convert) | null;
  /** Null where a map of that key stays as it is. `one` is for its values. */
  readonly map: (keyType: string) => ((map: never, one: Convert) => unknown) | null;
}

/** From a config's message to what is serialized. */
export function intoMessage(protos: Protos): ConvertOf {
  const map = () => (protos.reflected ? listed : null);
  const maps = converters(protos, { known: null, map });
  const known = (name: string, of: ConvertOf): Convert => {
    if (name === ANY) return (value) => packed(value, protos, of);
    return then((value) => fill(WELL_KNOWN[name]!, value), maps(name));
  };
  return converters(protos, { known, map });
}

/** From what was deserialized to an answer's JSON. */
export function intoJson(protos: Protos): ConvertOf {
  const map = (keyType: string) => {
    if (protos.reflected) return unlisted;
    return SIXTY_FOUR_BITS.test(keyType) ? unhashed(keyType) : null;
  };
  const maps = converters(protos, { known: null, map });
  const known = (name: string, of: ConvertOf): Convert => {
    if (name === ANY) return (value) => unpacked(value, protos, of);
    return then(maps(name), WELL_KNOWN[name]!.toJson);
  };
  return converters(protos, { known, map });
}

function then(first: Convert | null, second: Convert | null): Convert {
  if (first === null || second === null) return (first ?? second)!;
  return (value) => second(first(value));
}

const listed = (map: object, one: Convert) => Object.entries(map).map(([key, value]) => ({ key, value: one(value) }));
const unlisted = (entries: { key: unknown; value: unknown }[], one: Convert) =>
  Object.fromEntries(entries.map(({ key, value }) => [String(key), one(value)]));
const unhashed = (keyType: string) => (map: object, one: Convert) =>
  Object.fromEntries(Object.entries(map).map(([hash, value]) => [numberOfHash(hash, keyType), one(value)]));

function fill(known: WellKnown, value: unknown): unknown {
  if (known.fits(value)) return known.toMessage(value);
  if (typeof value === "object") return value;
  throw new Error(`expected ${known.expected}, found ${shown(value)}`);
}

const nameIn = (url: unknown): string => String(url).slice(String(url).lastIndexOf("/") + 1);

function packed(value: Record<string, unknown>, { codecs }: Protos, of: ConvertOf): unknown {
  const { "@type": url, ...fields } = value;
  if (url === undefined) return value;
  const name = nameIn(url);
  const codec = codecs.get(name);
  if (codec === undefined) throw new Error(`expected "@type" to name a message of the protos, found ${shown(url)}`);
  const message = of(name)?.(name in WELL_KNOWN ? fields.value : fields) ?? fields;
  return { type_url: url, value: codec.serialize(message) };
}

function unpacked(value: { type_url: string; value: Buffer }, { codecs }: Protos, of: ConvertOf): unknown {
  const name = nameIn(value.type_url);
  const codec = codecs.get(name);
  if (codec === undefined) return { "@type": value.type_url, value: value.value };
  const message = codec.deserialize(value.value);
  const json = of(name)?.(message) ?? message;
  return name in WELL_KNOWN ? { "@type": value.type_url, value: json } : { "@type": value.type_url, ...json };
}

/** protobufjs gives keys of 64 bits as eight characters, the lowest byte first. */
function numberOfHash(hash: string, type: string): string {
  const bits = [...hash].reduceRight((sum, byte) => sum * 256n + BigInt(byte.charCodeAt(0)), 0n);
  return String(/^TYPE_(UINT|FIXED)64$/.test(type) ? bits : BigInt.asIntN(64, bits));
}

const isMessage = ({ type }: FieldType): boolean => type === "TYPE_MESSAGE" || type === "TYPE_GROUP";
const isKnown = (name: string): boolean => name === ANY || name in WELL_KNOWN;
const asIs: Convert = (value) => value;

function converters({ messages }: Protos, direction: Direction): ConvertOf {
  const made = new Map<string, Convert | null>();

  const targetOf = (field: FieldType, scope: string) =>
    isMessage(field) ? lookUp(messages, field.typeName, scope) : null;

  /** Whether anything at or below a type has another form in JSON. */
  function differs(name: string, seen: Set<string>): boolean {
    if (isKnown(name) && direction.known !== null) return true;
    const type = messages.get(name);
    if (type === undefined || seen.has(name)) return false;
    seen.add(name);
    if (isMapEntry(type) && direction.map(type.field[0]!.type) !== null) return true;
    return type.field.some((field) => {
      const target = targetOf(field, name);
      return target !== null && differs(target[0], seen);
    });
  }

  function of(name: string): Convert | null {
    let convert = made.get(name);
    if (convert !== undefined) return convert;
    if (isKnown(name) && direction.known !== null) convert = direction.known(name, of);
    else convert = differs(name, new Set()) ? fieldByField(name) : null;
    made.set(name, convert);
    return convert;
  }

  /** Its fields are looked up at the first message: a type may hold itself. */
  function fieldByField(name: string): Convert {
    let changes: [string, Convert][] | null = null;
    return (message) => {
      if (typeof message !== "object" || message === null) return message;
      changes ??= messages.get(name)!.field.flatMap((field) => changeOf(field, name));
      const copy = { ...message };
      for (const [key, change] of changes)
        if (copy[key] !== null && copy[key] !== undefined) copy[key] = change(copy[key]);
      return copy;
    };
  }

  function changeOf(field: FieldType, scope: string): [string, Convert][] {
    const target = targetOf(field, scope);
    if (target === null) return [];
    const [name, type] = target;
    if (isMapEntry(type)) {
      const change = entriesOf(name, type);
      return change === null ? [] : [[field.name, change]];
    }
    const one = of(name);
    if (one === null) return [];
    return [[field.name, field.label === "LABEL_REPEATED" ? (list) => list.map(one) : one]];
  }

  function entriesOf(name: string, { field: [key, value] }: MessageType): Convert | null {
    const target = targetOf(value!, name);
    const one = target === null ? null : of(target[0]);
    const map = direction.map(key!.type);
    if (map !== null) return (entries) => map(entries as never, one ?? asIs);
    return one && ((entries) => mapValues(entries, one));
  }

  return of;
}

const mapValues = (map: object, one: Convert) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, one(value)]));
