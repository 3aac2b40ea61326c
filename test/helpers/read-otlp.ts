/** OTLP's requests, read by the classes that are generated of the protocol itself (an official package's last release with them). */
import root from 'otlp-transformer-with-decoder/build/src/generated/root.js';

interface MessageClass {
  fromObject(value: object): object;
  /** Why it is none of its kind; null when it is. */
  verify(value: object): string | null;
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(value: object, options: object): object;
}
interface Protocol {
  opentelemetry: {
    proto: {
      collector: {
        trace: { v1: { ExportTraceServiceRequest: MessageClass } };
        logs: { v1: { ExportLogsServiceRequest: MessageClass } };
      };
    };
  };
}
// The package's declaration says only that this is some protocol.
const { collector } = (root as unknown as Protocol).opentelemetry.proto;

/** What a receiver has of a request after it went through the wire's own form. Throws for what is no such request. */
export function readBack(path: string, request: object): unknown {
  const kind =
    path === 'v1/logs' ? collector.logs.v1.ExportLogsServiceRequest : collector.trace.v1.ExportTraceServiceRequest;
  const message = kind.fromObject(request);
  const wrong = kind.verify(message);
  if (wrong !== null) throw new Error(wrong);
  // Ids stand in hexadecimal digits where this reader takes base64, of which those are a part: they come back as they were.
  return kind.toObject(kind.decode(kind.encode(message).finish()), { longs: String, bytes: String, enums: Number });
}
