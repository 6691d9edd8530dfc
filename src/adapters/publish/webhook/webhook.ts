import { createHmac } from 'node:crypto';
import { ReleaseError } from '../../../model/errors.ts';
import type { Http } from '../../../ports/http.ts';
import type { PublishApi } from '../../../ports/publish-api.ts';
import { failureOf } from './failure.ts';
import { payloadOf, withManifest } from './payload.ts';

type Setup = { readonly url: string; readonly secret: string; readonly http: Http };

const ATTEMPTS = 3;

/**
 * Whoever listens at an address. The body is signed as GitHub signs its webhooks, so that every library that checks those
 * checks ours. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function createWebhook({ url, secret, http }: Setup): PublishApi {
  const { host } = new URL(url);
  return {
    name: `the webhook at ${host}`,
    realm: url,
    signsManifests: false,
    // A listener that knows no dry run would take it for a release.
    dryRun: async () => ({ kind: 'ready' }),
    async publish(request, idempotencyKey) {
      const body = JSON.stringify(withManifest(payloadOf(request, idempotencyKey), request.manifest));
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const headers = {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-module-release-event': 'publish',
        'x-hub-signature-256': `sha256=${signature}`,
        'idempotency-key': idempotencyKey,
      };
      const outcome = await http.exchange(
        async () => ({ method: 'POST', url: new URL(url), headers, body }),
        { attempts: ATTEMPTS },
      );
      if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300)
        return { kind: 'job', job: { id: idempotencyKey, status: 'accepted', state: 'running' } };
      const { code, words } = failureOf(outcome);
      throw new ReleaseError(
        code,
        `the webhook at ${host} did not take the release: ${words}`,
        hintFor(code),
      );
    },
  };
}

function hintFor(code: string): { readonly hint: string } | undefined {
  return code === 'PUBLISH_AUTH' || code === 'PUBLISH_FORBIDDEN'
    ? {
        hint: 'Compare the secret of `publish-token` with the one that the listener checks `X-Hub-Signature-256` with.',
      }
    : undefined;
}
