import type { PublishInputs } from '../../model/inputs.ts';
import type { Http } from '../../ports/http.ts';
import type { PublishApi } from '../../ports/publish-api.ts';
import { createHlaCompass } from './hla-compass/hla-compass.ts';
import { createDispatch } from './webhook/dispatch.ts';
import { createWebhook } from './webhook/webhook.ts';

type Setup = {
  readonly http: Http;
  /** GitHub's API. */
  readonly apiUrl: string;
};

/** The platform of the inputs. Without a token it is never asked: the plan says so before. */
export function createPublishApi({ target, token = '' }: PublishInputs, { http, apiUrl }: Setup): PublishApi {
  switch (target.kind) {
    case 'hla-compass':
      return createHlaCompass({ platform: target, token, http });
    case 'webhook':
      return createWebhook({ url: target.url, secret: token, http });
    case 'dispatch':
      return createDispatch({ repository: target.repository, token, apiUrl, http });
  }
}
