/** A text without the user names, passwords, queries and fragments of the addresses in it, as it may be shown or kept. */
export function redacted(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/[^?#\s]*)[?#]\S+/gi, '$1?...');
}

/** As {@link redacted}, also of an address that only a parser of addresses takes for one. */
export function redactedAddress(address: string): string {
  return redacted(URL.canParse(address) ? new URL(address).href : address);
}
