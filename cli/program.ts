import { Command } from 'commander';
import { addGlobalOptions } from './globals.ts';
import { exitOnBrokenPipe } from './output/broken-pipe.ts';
import { oneLine } from './output/text.ts';
import { version } from './version.ts';

type Define = (command: Command) => void;
interface CommandEntry {
  readonly summary: string;
  /** Imports the command; only the one that was asked for is. */
  readonly load: () => Promise<Define>;
}

const commands: Readonly<Record<string, CommandEntry>> = {
  run: {
    summary: 'make a container from an image and run it',
    load: async () => (await import('./commands/run.ts')).defineRun,
  },
  ps: { summary: 'list containers', load: async () => (await import('./commands/ps.ts')).definePs },
  logs: {
    summary: 'show the output of a detached container',
    load: async () => (await import('./commands/logs.ts')).defineLogs,
  },
  attach: {
    summary: 'see the output of a detached container and write its input',
    load: async () => (await import('./commands/attach.ts')).defineAttach,
  },
  exec: {
    summary: 'run another process in a container',
    load: async () => (await import('./commands/exec.ts')).defineExec,
  },
  kill: { summary: 'send a signal to containers', load: async () => (await import('./commands/kill.ts')).defineKill },
  wait: {
    summary: 'wait until containers end and print their exit statuses',
    load: async () => (await import('./commands/wait.ts')).defineWait,
  },
  rm: { summary: 'remove containers', load: async () => (await import('./commands/rm.ts')).defineRm },
  inspect: {
    summary: 'describe containers and images in JSON',
    load: async () => (await import('./commands/inspect.ts')).defineInspect,
  },
  images: { summary: 'list images', load: async () => (await import('./commands/images.ts')).defineImages },
  pull: { summary: 'pull an image from a registry', load: async () => (await import('./commands/pull.ts')).definePull },
  push: { summary: 'push an image to a registry', load: async () => (await import('./commands/push.ts')).definePush },
  tag: { summary: 'give an image further names', load: async () => (await import('./commands/tag.ts')).defineTag },
  save: { summary: 'write images to a tar archive', load: async () => (await import('./commands/save.ts')).defineSave },
  load: {
    summary: 'import images as save writes them',
    load: async () => (await import('./commands/load.ts')).defineLoad,
  },
  history: {
    summary: 'show how an image was made',
    load: async () => (await import('./commands/history.ts')).defineHistory,
  },
  login: { summary: 'log in to a registry', load: async () => (await import('./commands/login.ts')).defineLogin },
  logout: {
    summary: 'forget the login of a registry',
    load: async () => (await import('./commands/logout.ts')).defineLogout,
  },
  search: {
    summary: 'ask a registry what it has',
    load: async () => (await import('./commands/search.ts')).defineSearch,
  },
  import: {
    summary: 'import images from a tar archive',
    load: async () => (await import('./commands/import.ts')).defineImport,
  },
  convert: {
    summary: 'make an image of other layers, formats or platforms out of one',
    load: async () => (await import('./commands/convert.ts')).defineConvert,
  },
  rmi: { summary: 'remove images', load: async () => (await import('./commands/rmi.ts')).defineRmi },
  events: {
    summary: 'print events as they happen',
    load: async () => (await import('./commands/events.ts')).defineEvents,
  },
  doctor: {
    summary: 'find, and repair, what nobody owns any more',
    load: async () => (await import('./commands/doctor.ts')).defineDoctor,
  },
  prune: {
    summary: 'free the space of all that nothing refers to',
    load: async () => (await import('./commands/prune.ts')).definePrune,
  },
  version: {
    summary: 'print the versions of this program and of the daemon',
    load: async () => (await import('./commands/version.ts')).defineVersion,
  },
};

/** Options before the command that are followed by a value. */
const valueOptions: ReadonlySet<string> = new Set(['-a', '--address', '-n', '--namespace']);

/** Runs one command line and ends the process with its exit status. */
export async function main(args: readonly string[]): Promise<void> {
  exitOnBrokenPipe();
  const program = new Command('gantry')
    .description('Command line of gantryd and any containerd')
    .version(version, '--version', 'print the version of this program')
    .enablePositionalOptions()
    .configureHelp({ sortOptions: true })
    .configureOutput({
      outputError: (text, write) => write(`${oneLine(text.trim().replace(/^error: /, 'gantry: '))}\n`),
    });
  addGlobalOptions(program, '-a, --address <socket>');
  const asked = commandOf(args);
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).description(summary);
    if (name === asked || (asked === 'help' && args.includes(name))) {
      addGlobalOptions(command, '--address <socket>');
      (await load())(command);
    }
  }
  await program.parseAsync(args, { from: 'user' });
  process.exit();
}

function commandOf(args: readonly string[]): string | undefined {
  for (let position = 0; position < args.length; position += 1) {
    const arg = args[position] ?? '';
    if (valueOptions.has(arg)) position += 1;
    else if (!arg.startsWith('-')) return arg;
  }
  return undefined;
}
