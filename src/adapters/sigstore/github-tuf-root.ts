/**
 * Version 3 of the root of GitHub's TUF repository, https://tuf-repo.github.com, as the GitHub CLI carries it
 * (pkg/cmd/attestation/verification/embed). @sigstore/tuf carries only the one of the public-good instance. The client walks
 * from here to the newest root, each signed by the one before, so that its expiry does not matter.
 * https://theupdateframework.github.io/specification/latest/#update-root
 */

const KEYS: Readonly<Record<string, { readonly owner?: string; readonly key: string }>> = {
  '4f4d1dd75f2d7f3860e3a068d7bed90dec5f0faafcbe1ace7fb7d95d29e07228': {
    owner: '@ashtom',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENki7aZVips5SgRzCd/Om0CGzQKY/nv84giqVDmdwb2ys82Z6soFLasvYYEEQcwqaC170n9gr93wHUgPc796uJA==',
  },
  '539dde44014c850fe6eeb8b299eb7dae2e1f4bf83454b949e98aa73542cdc65a': {
    owner: '@nerdneha',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElD0o2sOZN9n3RKQ7PtMLAoXj+2Ain4PKT/pfnzDlNLrD3VTQwCc4sR4t+OLu4KQ+qk+kXkR9YuBsu3bdJZ1OWw==',
  },
  '54809115b40137aac01af4b7ac2408c77ea0d58fa4dad48fc3196497d2a26f44': {
    owner: '@alexiswales',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEimKcdST+ORD+g0aGEFDOVZDAaIYgIgesNKiIe2L7MUsYx5UHhzQ08quvew13eYSCNJnfwooFZu7cdTu8AwqFjQ==',
  },
  '88737ccdac7b49cc237e9aaead81be2a40278b886a693d8149a19cf543f093d3': {
    owner: '@gregose',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBagkskNOpOTbetTX5CdnvMy+LiWnonRrNrqAHL4WgiebH7Uig7GLhC3bkeA/qgb926/vr9qhOPG9Buj2HatrPw==',
  },
  '8b498a80a1b7af188c10c9abdf6aade81d14faaffcde2abcd6063baa673ebd12': {
    owner: '@trevrosen',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7IEoVNwrprchXGhT5sAhSax7SOd38duuISghCzfmHdKJWSbV2wJRamRiUVRtmA83K/qm5cT20WXMCT5QeM/D3A==',
  },
  a10513a5ab61acd0c6b6fbe0504856ead18f3b17c4fabbe3fa848c79a5a187cf: {
    owner: '@kommendorkapten',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC2wJ3xscyXxBLybJ9FVjwkyQMe53RHUz77AjMO8MzVaT8xw6ZvJqdNZiytYtigWULlINxw6frNsWJKb/f7lC8A==',
  },
  d6a89e23fb22801a0d1186bf1bdd007e228f65a8aa9964d24d06cb5fbb0ce91c: {
    owner: '@krukow',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDdORwcruW3gqAgaLjH/nNdGMB4kQAvA+wD6DyO4P/wR8ee2ce83NZHq1ZADKhve0rlYKaKy3CqyQ5SmlZ36Zhw==',
  },
  eb8eff37f93af2faaba519f341decec3cecd3eeafcace32966db9723842c8a62: {
    owner: '@mph4',
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENynVdQnM9h7xU71G7PiJpQaDemubkbjsjYwLlPJTQVuxQO8WeIpJf8MEh5rf01t2dDIuCsZ5gRx+QvDv0UzfsA==',
  },
  eb9799b483affac9da87ef4c9ea467928415c961349e607e5e6e485679b07f8f: {
    key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENKNcNcX+d73lS1TRFb9Vnp8JvOohzYQ+in43iGenbG8RGo9L/6FJ2hoRbVU6xskvyuErcdPbCdI4GxrQ5i8hkw==',
  },
};

const ONLINE = 'eb9799b483affac9da87ef4c9ea467928415c961349e607e5e6e485679b07f8f';
const ONLINE_URI =
  'azurekms://production-tuf-root.vault.azure.net/keys/Online-Key/aaf375fd8ed24acb949a5cc173700b05';
const OWNERS = [
  'a10513a5ab61acd0c6b6fbe0504856ead18f3b17c4fabbe3fa848c79a5a187cf',
  '4f4d1dd75f2d7f3860e3a068d7bed90dec5f0faafcbe1ace7fb7d95d29e07228',
  '88737ccdac7b49cc237e9aaead81be2a40278b886a693d8149a19cf543f093d3',
  'd6a89e23fb22801a0d1186bf1bdd007e228f65a8aa9964d24d06cb5fbb0ce91c',
  'eb8eff37f93af2faaba519f341decec3cecd3eeafcace32966db9723842c8a62',
  '8b498a80a1b7af188c10c9abdf6aade81d14faaffcde2abcd6063baa673ebd12',
  '539dde44014c850fe6eeb8b299eb7dae2e1f4bf83454b949e98aa73542cdc65a',
  '54809115b40137aac01af4b7ac2408c77ea0d58fa4dad48fc3196497d2a26f44',
];

const SIGNATURES: Readonly<Record<string, string>> = {
  a10513a5ab61acd0c6b6fbe0504856ead18f3b17c4fabbe3fa848c79a5a187cf:
    '3046022100ca341d3ba2ef7657d69c2825729959681f55aec497b612e81a547e2abb616b49022100cd605b412a3d991f92e0818e07e60383bbd23904723eec221d6e39fdfeae3104',
  '5e01c9a0b2641a8965a4a74e7df0bc7b2d8278a2c3ca0cf7a3f2f783d3c69800':
    '3046022100d0f70effe60d6a18319e2890088cd01d45c654ee6d2ce1d5c3cdcf2dc7f637570221008f947a2d7334d948f1c4794b0a465f1dfb99a578dd8d1f4563cee0581f457db2',
  '54809115b40137aac01af4b7ac2408c77ea0d58fa4dad48fc3196497d2a26f44':
    '304502201ae931db1c48020fb37af54d446ac856306f619dfc3f93ddcff70d2880e443dc022100992b70451aa74805adef24e85ec352e598812267f623979bd4ce719b66b62d22',
  '88737ccdac7b49cc237e9aaead81be2a40278b886a693d8149a19cf543f093d3':
    '3045022023bba8e14c177609f43873aa0087ef983ddd2bad9a0a832c0cf279e1be8798f2022100facfaecc1d7ee793042eaaa6970fb9ca700c3bdbf4ee43ed0f8d0fc3aef96563',
  d6a89e23fb22801a0d1186bf1bdd007e228f65a8aa9964d24d06cb5fbb0ce91c:
    '3046022100d2f6cceb05d135ce6a6ce7fe1dc76c24508154ad71c433028e64ca95ba716ffb022100f0592d60eb67508dd5f9cc593a4cca33bbaf94882c3d74a560fda845a456c6cc',
  '8b498a80a1b7af188c10c9abdf6aade81d14faaffcde2abcd6063baa673ebd12':
    '30450221009af2f0c534ed92de909a3b727f7101319c18e10623de8f48a0eba980d3d54d830220095842b16c58567c71f9dfa0b54e79daca1b2fecf3cb2ea4ee6d8393bdf93294',
};

/** The document as a TUF client reads it. Signatures are over canonical JSON, so that its form does not matter. */
export function githubTufRoot(): string {
  const keys = Object.entries(KEYS).map(([id, { owner, key }]) => [id, tufKey(owner, key)] as const);
  const signed = {
    _type: 'root',
    consistent_snapshot: true,
    expires: '2025-04-11T14:36:57Z',
    keys: Object.fromEntries(keys),
    roles: {
      root: { keyids: OWNERS, threshold: 3 },
      snapshot: { keyids: [ONLINE], threshold: 1, ...periods(21, 7) },
      targets: { keyids: OWNERS, threshold: 3 },
      timestamp: { keyids: [ONLINE], threshold: 1, ...periods(7, 6) },
    },
    spec_version: '1.0.31',
    version: 3,
    ...periods(240, 60),
  };
  const signatures = Object.entries(SIGNATURES).map(([keyid, sig]) => ({ keyid, sig }));
  return JSON.stringify({ signatures, signed });
}

function tufKey(owner: string | undefined, key: string) {
  return {
    keytype: 'ecdsa',
    keyval: {
      public: `-----BEGIN PUBLIC KEY-----\n${key.slice(0, 64)}\n${key.slice(64)}\n-----END PUBLIC KEY-----\n`,
    },
    scheme: 'ecdsa-sha2-nistp256',
    ...(owner === undefined ? { 'x-tuf-on-ci-online-uri': ONLINE_URI } : { 'x-tuf-on-ci-keyowner': owner }),
  };
}

function periods(expiry: number, signing: number) {
  return { 'x-tuf-on-ci-expiry-period': expiry, 'x-tuf-on-ci-signing-period': signing };
}
