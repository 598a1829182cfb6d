/** Checks on answers: sentences such as `status == 200`, parsed once. */
export interface Check {
  readonly sentence: string;
  readonly subject: "status" | "body" | "json" | "header" | "size" | "time";
  /** The JSONPath, or the header's name. */
  readonly path: string | null;
  readonly operator: string;
  readonly value: string | number | boolean | null;
}
