import { pino } from 'pino';

/** What the code needs of a logger; pino's own type would tie every file to pino. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

/** Levels of containerd's `--log-level`, which names two that pino has not. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'panic'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A JSON-lines logger on standard error. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level: level === 'panic' ? 'fatal' : level, base: null }, pino.destination({ dest: 2, sync: true }));
}

/** A logger that says nothing, for tests and libraries. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
