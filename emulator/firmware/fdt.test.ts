import assert from 'node:assert/strict';
import { cells, fdtSize, flatten, strings } from './fdt';

describe('flattened device tree', () => {
  const tree = flatten({
    name: '',
    properties: { compatible: strings('a', 'bc'), '#address-cells': cells(2) },
    children: [{ name: 'child@1', properties: { compatible: strings('d') } }],
  });
  const view = new DataView(tree.buffer);

  it('has the header of version 17 with offsets inside the tree', () => {
    assert.equal(view.getUint32(0), 0xd00dfeed);
    assert.equal(view.getUint32(4), tree.length);
    assert.equal(view.getUint32(20), 17);
    assert.equal(view.getUint32(24), 16);
    assert.equal(view.getUint32(8) + view.getUint32(36), view.getUint32(12));
    assert.equal(view.getUint32(12) + view.getUint32(32), tree.length);
  });

  it('holds the tokens of nodes and properties, padded to words, names once each', () => {
    const struct = view.getUint32(8);
    const words = Array.from({ length: view.getUint32(36) / 4 }, (_, word) =>
      view.getUint32(struct + word * 4),
    );
    const text = (four: string) => new DataView(new TextEncoder().encode(four).buffer).getUint32(0);
    assert.deepEqual(words, [
      ...[1, 0],
      ...[3, 5, 0, text('a\0bc'), 0],
      ...[3, 4, 11, 2],
      ...[1, text('chil'), text('d@1\0')],
      ...[3, 2, 0, text('d\0\0\0')],
      ...[2, 2, 9],
    ]);
  });

  it('tells its size, and that other bytes are no tree', () => {
    assert.equal(fdtSize(tree), tree.length);
    assert.equal(fdtSize(tree.subarray(0, tree.length - 1)), undefined);
    assert.equal(fdtSize(new Uint8Array(100)), undefined);
    assert.equal(fdtSize(new Uint8Array(3)), undefined);
  });
});
