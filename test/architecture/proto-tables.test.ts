/** Our .proto files say what the wire tables say: nothing missing, nothing extra, nothing at another path. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { protoFacts, unexplained } from '../../scripts/proto/facts.ts';

const repository = resolve(import.meta.dirname, '../..');
const wire = resolve(repository, '../shared/wire');
const tables = [
  'containerd-services.md',
  'containerd-types-and-events.md',
  'shim-task-v2-v3-and-ttrpc.md',
  'cgroup-metrics.md',
  'cri-v1.md',
];
/** Ours, but in no table: they belong to protobuf and gRPC themselves, or are Gantry's own. */
const withoutTable = ['google/protobuf/', 'grpc/', 'gantry/'];

/** Lines of the same form as protoFacts gives. */
type Facts = string[];

function tableFacts(): Facts {
  return tables.flatMap((name) => {
    const text = readFileSync(join(wire, name), 'utf8');
    return [...text.split(/^## /m).slice(1).flatMap(sectionFacts), ...redactedFacts(text)];
  });
}

/** The CRI table has the secrets of a registry in a sentence above its only section. */
function redactedFacts(text: string): Facts {
  const [, names] = /option set on: AuthConfig\.(.+)\./.exec(text) ?? [];
  const path = 'k8s.io/cri-api/pkg/apis/runtime/v1/api.proto';
  return names?.split(', ').map((name) => `${path}: redacted runtime.v1.AuthConfig.${name}`) ?? [];
}

/** One section is one .proto file; sections of prose have no such heading. */
function sectionFacts(section: string): Facts {
  const [heading = '', ...lines] = section.split('\n');
  const [, packageName, source] = /^`([\w.]+)` — (\S+\.proto)$/.exec(heading) ?? [];
  if (packageName === undefined || source === undefined) return [];
  let service = '';
  const facts = lines.flatMap((line) => {
    service = /^service (\S+)$/.exec(line)?.[1] ?? service;
    return line.startsWith('- ') ? itemFacts(line.slice(2), packageName, service) : [];
  });
  return facts.map((fact) => `${protoPath(source)}: ${fact}`);
}

/** Where our tree has a file that a table names by its place in its own repository. */
function protoPath(source: string): string {
  if (/^(k8s\.io|github\.com|google)\//.test(source)) return source;
  return /^(containerd|Microsoft)\//.test(source) ? `github.com/${source}` : `api/${source}`;
}

function itemFacts(item: string, packageName: string, service: string): Facts {
  const qualify = (type: string) => fullType(type, packageName);
  const rpc = /^rpc (\w+)\((stream )?(\S+)\) -> (stream )?(\S+)$/.exec(item);
  if (rpc) {
    const [, name, requestStream = '', request = '', responseStream = '', response = ''] = rpc;
    return [`rpc ${service}.${name}(${requestStream}${qualify(request)}) -> ${responseStream}${qualify(response)}`];
  }
  const [, extended, name, number, type] = /^extend (\S+): (\w+)=(\d+) (\w+)$/.exec(item) ?? [];
  if (extended) return [`extend ${extended} ${packageName}.${name} = ${number} ${type}`];
  const [head = '', body = ''] = item.split(/: (.*)/s);
  if (head.startsWith('enum ')) return enumFacts(`${packageName}.${head.slice(5)}`, body);
  return messageFacts(
    `${packageName}.${head.replace(' [fieldpath]', '')}`,
    head.endsWith('[fieldpath]'),
    body,
    qualify,
  );
}

function enumFacts(name: string, body: string): Facts {
  const values = body.split(' ').map((value) => `value ${name}.${value.replace('=', ' = ')}`);
  return [`enum ${name}`, ...values];
}

function messageFacts(name: string, fieldPath: boolean, body: string, qualify: (type: string) => string): Facts {
  const [fieldText = '', reserved] = body.split(' ; reserved ');
  const fields = fieldText === '(empty)' ? [] : fieldText.split(/, (?=\w+=)/);
  return [
    `message ${name}${fieldPath ? ' [fieldpath]' : ''}`,
    ...(reserved === undefined ? [] : [`reserved ${name} ${reserved}`]),
    ...fields.map((field) => {
      const [, fieldName, number, type = '', labels = ''] = /^(\w+)=(\d+) ([^ ]+)(.*)$/.exec(field) ?? [];
      return `field ${name}.${fieldName} = ${number} ${qualify(type)}${labels}`;
    }),
  ];
}

function fullType(type: string, packageName: string): string {
  const [, key, value = ''] = /^map<(\w+),(.+)>$/.exec(type) ?? [];
  if (key) return `map<${key},${fullType(value, packageName)}>`;
  if (type.startsWith('g.')) return `google.protobuf.${type.slice(2)}`;
  if (type.startsWith('.')) return type.slice(1);
  return /^(double|u?int(32|64)|bool|string|bytes)$/.test(type) ? type : `${packageName}.${type}`;
}

const described = existsSync(wire);

test.skipIf(!described)(
  `the .proto files are those of the wire tables${described ? '' : ' (skipped: no tables here)'}`,
  () => {
    const expected = tableFacts();
    const actual = protoFacts(join(repository, 'proto')).filter(
      (fact) => !withoutTable.some((folder) => fact.startsWith(folder)),
    );
    const wanted = new Set(expected);
    const present = new Set(actual);
    expect({
      missing: expected.filter((fact) => !present.has(fact)),
      extra: actual.filter((fact) => !wanted.has(fact)),
    }).toEqual({ missing: [], extra: [] });
    expect(actual.toSorted()).toEqual(expected.toSorted());
    expect(expected.filter((fact) => fact.includes(': rpc ')).length).toBeGreaterThan(150); // the tables were read at all
  },
);

test('every service, RPC, message and enum says what it is for', () => {
  expect(unexplained(join(repository, 'proto'))).toEqual([]);
});
