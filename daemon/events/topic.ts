import { invalidArgument, wrap } from '../../base/errors.ts';
import { validateIdentifier } from '../../base/ids.ts';

/**
 * Throws invalid-argument unless `topic` is a path of identifiers such as `/tasks/start`.
 * Subscribers match on topics, so a malformed one would be an event that nobody can ask for.
 */
export function validateTopic(topic: string): void {
  const refuse = (why: string) => invalidArgument(`envelope topic "${topic}": ${why}`);
  if (topic === '') throw refuse('must not be empty');
  if (!topic.startsWith('/')) throw refuse("must start with '/'");
  if (topic === '/') throw refuse('must have at least one component');
  for (const component of topic.slice(1).split('/')) {
    try {
      validateIdentifier(component);
    } catch (error) {
      throw wrap(error, `envelope topic "${topic}": failed validation on component "${component}"`);
    }
  }
}
