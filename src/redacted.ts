/** A text that is safe to show and to store: removes user names, passwords, queries and fragments from the URLs in it. */
export function redacted(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/[^?#\s]*)[?#]\S+/gi, '$1?...');
}

/** As {@link redacted}, for a text that is a URL as a whole, even one that only a URL parser recognizes. */
export function redactedAddress(address: string): string {
  return redacted(URL.canParse(address) ? new URL(address).href : address);
}
