import { useState } from 'preact/hooks';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { key, keyRefused } from './api.ts';
import { KeyDialog } from './key-dialog.tsx';
import { lost } from './live.ts';
import { Groups } from './pages/groups.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Button } from './parts/button.tsx';
import { chooseTheme, isDark } from './theme.ts';

const Group = lazy(() => import('./pages/group.tsx').then(({ Group: page }) => page));
const Experiment = lazy(() =>
  import('./pages/experiment.tsx').then(({ Experiment: page }) => page),
);
const Keys = lazy(() => import('./pages/keys.tsx').then(({ Keys: page }) => page));
const NewGroup = lazy(() => import('./pages/new-group.tsx').then(({ NewGroup: page }) => page));
const Webhook = lazy(() => import('./pages/webhook.tsx').then(({ Webhook: page }) => page));
const Webhooks = lazy(() => import('./pages/webhooks.tsx').then(({ Webhooks: page }) => page));

const LINKS = [
  ['/', 'Groups'],
  ['/new', 'New group'],
  ['/webhooks', 'Webhooks'],
  ['/keys', 'Keys'],
] as const;

/** The link to a page is the present one on the pages below it, too. */
const isAt = (path: string, link: string): boolean =>
  link === '/' ? path === '/' || path.startsWith('/groups') : path.startsWith(link);

function Header({ onKey }: { readonly onKey: () => void }) {
  const { path } = useLocation();
  const dark = isDark();
  return (
    <header class="header">
      <a href="/" class="brand">
        Rungwise
      </a>
      <nav aria-label="Pages">
        {LINKS.map(([link, title]) => (
          <a key={link} href={link} aria-current={isAt(path, link) ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="header-end">
        <Button look="plain" onClick={onKey}>
          {key.value === null ? 'Use a key' : 'Key in use'}
        </Button>
        <Button look="plain" onClick={() => chooseTheme(dark ? 'light' : 'dark')}>
          {dark ? 'Light' : 'Dark'}
        </Button>
      </div>
    </header>
  );
}

/** Says that nobody answers, over everything, so that nothing moves. */
const LostBanner = () => (
  <div role="status" class="lost" data-shown={lost.value > 0}>
    {lost.value > 0 ? 'Connection lost, trying again. What you see is from before.' : ''}
  </div>
);

/** The dashboard. */
export function App() {
  const [asksKey, setAsksKey] = useState(false);
  return (
    <LocationProvider>
      <a class="skip" href="#main">
        To the content
      </a>
      <Header onKey={() => setAsksKey(true)} />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary>
          <Router>
            <Route path="/" component={Groups} />
            <Route path="/groups/:group" component={Group} />
            <Route path="/groups/:group/experiments/:number" component={Experiment} />
            <Route path="/new" component={NewGroup} />
            <Route path="/keys" component={Keys} />
            <Route path="/webhooks" component={Webhooks} />
            <Route path="/webhooks/:webhook" component={Webhook} />
            <Route default component={NotFound} />
          </Router>
        </ErrorBoundary>
      </main>
      <LostBanner />
      {asksKey || keyRefused.value !== null ? (
        <KeyDialog onClose={() => setAsksKey(false)} />
      ) : null}
    </LocationProvider>
  );
}
