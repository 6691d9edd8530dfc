import { X509Certificate } from 'node:crypto';

/** What a registry gives of one bundle, read as any client would: nothing here is the action's own code. */
export type Bundle = {
  readonly predicateType: string;
  /** `sha256:…` of what it is about. */
  readonly subject: string;
  /** Whom its certificate names. */
  readonly signer: string;
};

/** An index or a platform manifest, and what is attached to it. */
export type Subject = {
  readonly image: string;
  /** `linux/arm64`; undefined for an index. */
  readonly platform?: string;
  readonly digest: string;
  readonly bundles: readonly Bundle[];
};

type Descriptor = {
  readonly digest: string;
  readonly artifactType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
};
type Manifest = {
  readonly manifests?: readonly Descriptor[];
  readonly layers?: readonly Descriptor[];
  readonly config?: Descriptor;
};

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * Everything that is attached to an image and to its platforms, found by digest alone.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function evidenceOf(host: string, image: string, digest: string): Promise<readonly Subject[]> {
  const base = `http://${host}/v2/${image}`;
  const top = await read<Manifest>(`${base}/manifests/${digest}`);
  const members = (top.manifests ?? []).map((member) => ({
    digest: member.digest,
    platform: `${member.platform?.os}/${member.platform?.architecture}`,
  }));
  const { os, architecture } =
    top.config === undefined
      ? { os: '', architecture: '' }
      : await read<{ os: string; architecture: string }>(`${base}/blobs/${top.config.digest}`);
  const own = members.length > 0 ? { digest } : { digest, platform: `${os}/${architecture}` };
  return Promise.all(
    [own, ...members].map(async (subject) => ({
      image,
      ...subject,
      bundles: await bundlesOf(base, subject.digest),
    })),
  );
}

async function bundlesOf(base: string, digest: string): Promise<readonly Bundle[]> {
  const { manifests = [] } = await read<Manifest>(`${base}/referrers/${digest}`);
  const ours = manifests.filter(({ artifactType }) => artifactType === BUNDLE);
  return Promise.all(
    ours.map(async (listed) => {
      const { layers = [] } = await read<Manifest>(`${base}/manifests/${listed.digest}`);
      return bundleOf(await read<WrittenBundle>(`${base}/blobs/${layers[0]?.digest}`));
    }),
  );
}

type WrittenBundle = {
  readonly verificationMaterial: { readonly certificate: { readonly rawBytes: string } };
  readonly dsseEnvelope: { readonly payload: string };
};
type Statement = {
  readonly predicateType: string;
  readonly subject: readonly { readonly digest: { readonly sha256: string } }[];
};

function bundleOf({ verificationMaterial, dsseEnvelope }: WrittenBundle): Bundle {
  const certificate = new X509Certificate(Buffer.from(verificationMaterial.certificate.rawBytes, 'base64'));
  const statement: Statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
  return {
    predicateType: statement.predicateType,
    subject: statement.subject.map(({ digest }) => `sha256:${digest.sha256}`).join(),
    signer: (certificate.subjectAltName ?? 'nobody').replace(/^URI:/, ''),
  };
}

const MANIFESTS = ['index', 'manifest'].map((kind) => `application/vnd.oci.image.${kind}.v1+json`);

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { accept: [...MANIFESTS, '*/*'].join(', ') } });
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
