/** What every service over HTTP says in the same words. */
import type { Ms, Service } from "../core/model.ts";
import { withoutLogin } from "./address.ts";

/** Keys that all of their schemas have. */
interface RawService {
  readonly host: string;
  readonly embedded: unknown;
  readonly weight: number;
  readonly timeout: Ms;
  readonly connect_timeout: Ms;
  readonly wait_for_ready: Ms;
}

/** The service without what is its protocol's own; its address without user and password. */
export const commonOf = (
  name: string,
  raw: RawService,
): Omit<Service, "protocol" | "endpoints" | "settings" | "hosts"> => ({
  name,
  role: null,
  host: withoutLogin(raw.host),
  embedded: raw.host === "embedded",
  standIn: raw.embedded,
  weight: raw.weight,
  timeout: raw.timeout,
  connectTimeout: raw.connect_timeout,
  waitForReady: raw.wait_for_ready,
});

/** The tags of an endpoint as it is written. */
export const tagged = ({ tags = [] }: { readonly tags?: readonly string[] | undefined }) =>
  tags.length === 0 ? {} : { tags };
