/** What is known of every HTTP call beside its latency. */
import type { MetricInfo } from "../../core/model.ts";

/** Positions in `Op.extra`. */
export const TTFB = 0;
export const RECEIVE = 1;
export const REUSED = 2;
export const CONNECT = 3;
export const REDIRECTS = 4;
export const RESENT = 5;
export const TLS = 6;

const METRICS: readonly MetricInfo[] = [
  /** From the request's way being free (connected, or idle) to the first byte of the answer's head. */
  { name: "ttfb", unit: "ms" },
  /** From the answer's head to its end. */
  { name: "receive", unit: "ms" },
  /** 1 over a connection that was there, 0 over a new one: the mean is the share. */
  { name: "reused", unit: "ratio" },
  /** TCP, with the look-up of the name; new connections only. */
  { name: "connect", unit: "ms" },
  /** Of calls that were redirected: how often. */
  { name: "redirects", unit: "" },
  /** 1 for a call that was sent again: the server closed its idle connection as it was sent first. */
  { name: "resent", unit: "" },
  /** The TLS handshake; new connections only. */
  { name: "tls", unit: "ms" },
];

/** `tls` only where there can be any. */
export const metricsOver = (secure: boolean): readonly MetricInfo[] => (secure ? METRICS : METRICS.slice(0, TLS));
