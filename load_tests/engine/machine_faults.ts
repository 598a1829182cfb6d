/** What our own machine refuses as calls are sent: each kind is said once, with what to raise. */
import type { Notice } from "../core/model.ts";

export function machineFaults(tell: (notice: Notice) => void): (status: string) => void {
  const told = new Set<string>();
  return (status) => {
    if (told.has(status)) return;
    told.add(status);
    const text = `calls could not be sent: this machine answered ${status}; ${adviceFor(status)}`;
    tell({ kind: "generator-saturated", text });
  };
}

function adviceFor(status: string): string {
  if (status === "EMFILE" || status === "ENFILE") return "raise the limit of open files (ulimit -n)";
  if (status === "EADDRNOTAVAIL")
    return "local ports are used up: keep connections open, or widen net.ipv4.ip_local_port_range";
  return "free memory for sockets, or use more machines";
}
