import { isAbsolute } from 'node:path';
import { invalidArgument } from '../../base/errors.ts';
import type { Config, ProxyPlugin, ProxyPluginType } from './config.ts';
import type { TomlReader } from './toml-reader.ts';

/** Plugin ids of containerd's stand for the short names. */
const types: Readonly<Record<string, ProxyPluginType>> = {
  snapshot: 'snapshot',
  'io.containerd.snapshotter.v1': 'snapshot',
  diff: 'diff',
  'io.containerd.differ.v1': 'diff',
  content: 'content',
  'io.containerd.content.v1': 'content',
};

/** Names of the daemon's own that a proxy must not take. */
const ownNames: Readonly<Record<ProxyPluginType, readonly string[]>> = {
  snapshot: ['overlayfs', 'native'],
  diff: ['walking'],
  content: ['content'],
};

/**
 * What runs as processes of its own, `[proxy_plugins.NAME]`, and in which order differs are asked.
 * @throws GantryError invalid-argument
 */
export function proxySettings(toml: TomlReader, differs: readonly string[]): Pick<Config, 'proxies' | 'differs'> {
  const proxies = withOneContentStore(
    toml,
    toml.tables('proxy_plugins').map((name) => proxyPlugin(toml, name)),
  );
  const order = toml.stringList('plugins."io.containerd.service.v1.diff-service".default', differs);
  const known = ['walking', ...proxies.filter(({ type }) => type === 'diff').map(({ name }) => name)];
  const unknown = order.find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidArgument(`configuration: there is no differ "${unknown}"`);
  return { proxies, differs: order };
}

/**
 * As in containerd there is one content store: who wants another disables the daemon's own, and all others but that.
 * Nothing else can be disabled.
 */
function withOneContentStore(toml: TomlReader, proxies: readonly ProxyPlugin[]): readonly ProxyPlugin[] {
  const uri = (name: string) => `io.containerd.content.v1.${name}`;
  const stores = ['content', ...proxies.filter(({ type }) => type === 'content').map(({ name }) => name)];
  const disabled = toml.stringsOutOf('disabled_plugins', stores.map(uri));
  const enabled = stores.filter((name) => !disabled.includes(uri(name)));
  if (enabled.length === 0) throw invalidArgument('configuration: every content store is disabled');
  if (enabled.length > 1) {
    const names = enabled.map((name) => `"${uri(name)}"`).join(', ');
    throw invalidArgument(
      `configuration: there can be one content store: disabled_plugins must have all but one of ${names}`,
    );
  }
  return proxies.filter(({ type, name }) => type !== 'content' || enabled.includes(name));
}

function proxyPlugin(toml: TomlReader, name: string): ProxyPlugin {
  const key = (field: string) => `proxy_plugins."${name}".${field}`;
  const type = types[toml.string(key('type'), '')];
  if (type === undefined) {
    throw invalidArgument(`configuration: proxy plugin "${name}" must have type snapshot, diff or content`);
  }
  if (ownNames[type].includes(name)) {
    throw invalidArgument(`configuration: proxy plugin "${name}" has the name of a part of the daemon's own`);
  }
  const address = toml.string(key('address'), '').replace(/^unix:\/\//, '');
  if (!isAbsolute(address)) {
    throw invalidArgument(
      `configuration: proxy plugin "${name}" must have the absolute path of a socket as its address`,
    );
  }
  return {
    ...{ name, type, address },
    platform: toml.string(key('platform'), ''),
    exports: toml.strings(key('exports')),
    capabilities: toml.stringList(key('capabilities')),
  };
}
