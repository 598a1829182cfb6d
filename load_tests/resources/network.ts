/** Bytes over the machine's network, and TCP segments that were sent again. Linux only. */
import { type Reading, reading } from "../core/resource.ts";
import { growth, MEGABYTE, present, type Source, systemFile } from "./source.ts";

interface Traffic {
  received: number;
  sent: number;
  /** Bytes that stayed on this machine. */
  loopback: number;
}

/** The interfaces of `/proc/net/dev`, together. */
export function trafficOf(dev: string): Traffic {
  const traffic = { received: 0, sent: 0, loopback: 0 };
  for (const [, name, numbers] of dev.matchAll(/^\s*([^\s:]+):\s*(.+)$/gm)) {
    const fields = numbers!.trim().split(/\s+/).map(Number);
    if (name === "lo") traffic.loopback += fields[0]!;
    else {
      traffic.received += fields[0]!;
      traffic.sent += fields[8] ?? 0;
    }
  }
  return traffic;
}

/** `RetransSegs` of `/proc/net/snmp`. */
export function retransmitsOf(snmp: string): number | undefined {
  const [names, values] = [...snmp.matchAll(/^Tcp: (.+)$/gm)].map(([, fields]) => fields!.split(" "));
  const index = names?.indexOf("RetransSegs") ?? -1;
  return index < 0 ? undefined : Number(values?.[index]);
}

export function network(): Source {
  const grown = { received: growth(), sent: growth(), loopback: growth(), retransmits: growth() };
  return {
    read: (seconds) => {
      const dev = systemFile("/proc/net/dev");
      const snmp = systemFile("/proc/net/snmp");
      const traffic = dev === null ? null : trafficOf(dev);
      const bytes = (measure: keyof Traffic, source: string): Reading | null => {
        const more = grown[measure](traffic?.[measure]);
        return more === null ? null : reading("machine", measure, { source, value: more / MEGABYTE / seconds });
      };
      const again = grown.retransmits(snmp === null ? undefined : retransmitsOf(snmp));
      return present([
        bytes("received", "all interfaces but loopback"),
        bytes("sent", "all interfaces but loopback"),
        bytes("loopback", "the loopback interface"),
        again === null ? null : reading("machine", "retransmits", { source: "TCP", value: again / seconds }),
      ]);
    },
  };
}
