/** One line without control characters: names and messages come from images and must not steer the terminal. */
export function oneLine(text: string): string {
  return Array.from(text.replace(/\s*[\r\n]+\s*/g, ' '), (character) => (isControl(character) ? '?' : character)).join(
    '',
  );
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
