import type { HtmlTagDescriptor, Plugin } from 'vite';

/** Of 1200 by 630 pixels, in public/. */
const PREVIEW = 'preview.png';
const LINKS = '<!-- links -->';

/**
 * The addresses that only those who publish the page know, from variables of the environment:
 *
 *   DEMO_PAGE_URL     where the page will be, for the address of its preview image
 *   DEMO_SOURCE_URL   the repository
 *   DEMO_DOCS_URL     the documents
 *
 * What is not set is not linked.
 */
export function addresses(): Plugin {
  const page = setting('DEMO_PAGE_URL');
  const links = { Docs: setting('DEMO_DOCS_URL'), Source: setting('DEMO_SOURCE_URL') };
  const anchors = Object.entries(links).flatMap(([text, url]) =>
    url === null ? [] : [`<a href="${escaped(url)}">${text}</a>`],
  );
  const list = anchors.length === 0 ? '' : `<p class="links">${anchors.join(' ')}</p>`;
  return {
    name: 'addresses',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => ({ html: html.replace(LINKS, list), tags: head(page) }),
    },
  };
}

function head(page: URL | null): HtmlTagDescriptor[] {
  // Some readers of these tags want whole addresses; a relative one is all that a page of no known address can say.
  const image = page === null ? `./${PREVIEW}` : new URL(PREVIEW, page).href;
  const tags: HtmlTagDescriptor[] = [{ tag: 'meta', attrs: { property: 'og:image', content: image } }];
  if (page === null) return tags;
  return [
    ...tags,
    { tag: 'meta', attrs: { property: 'og:url', content: page.href } },
    { tag: 'link', attrs: { rel: 'canonical', href: page.href } },
  ];
}

/** @throws where it is no web address */
function setting(name: string): URL | null {
  const text = process.env[name];
  if (text === undefined || text === '') return null;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error(`${name} must be a web address, got ${text}`);
  return new URL(text);
}

function escaped({ href }: URL): string {
  return href.replaceAll('&', '&amp;');
}
