/**
 * Every failpoint, with the moment at which it is passed. The names are a closed list, so that a typo does not compile and
 * a test can go through all of them.
 */
export const failpointNames = {
  'content.ingest.recorded': 'the record of an ingest is stored, its directory is not made yet',
  'content.ingest.created': 'the directory of a new ingest is made',
  'content.write.written': 'bytes are in the data file of an ingest, not synced',
  'content.commit.checked': 'size and digest are right, the bytes are not synced',
  'content.commit.synced': 'the bytes are on disk, still in the ingest',
  'content.commit.linked': 'the data is a blob as well as an ingest, its directory is not synced',
  'content.commit.durable': 'the blob is on disk, no metadata names it yet',
  'content.commit.recorded': 'the blob is a member of the namespace, the ingest is still on disk',
  'content.commit.cleared': 'the ingest is gone from disk, nobody has been told',
  'content.update.recorded': 'new labels of a blob are stored',
  'content.delete.recorded': 'a blob is no longer a member of the namespace, its bytes are still there',
  'content.abort.recorded': 'the record of an aborted ingest is gone, its directory is still there',
  'content.abort.removed': 'the directory of an aborted ingest is gone',
  'image.create.recorded': 'a new image is stored, nobody has been told',
  'image.update.recorded': 'a changed image is stored, nobody has been told',
  'image.delete.recorded': 'an image is deleted, nobody has been told',
  'lease.create.recorded': 'a lease is stored',
  'lease.delete.recorded': 'a lease and what it held are deleted',
  'lease.add.recorded': 'a lease holds one more resource',
  'lease.remove.recorded': 'a lease holds one resource less',
  'container.create.recorded': 'a container is stored, nobody has been told',
  'container.update.recorded': 'a changed container is stored, nobody has been told',
  'container.delete.recorded': 'a container is deleted, nobody has been told',
  'namespace.create.recorded': 'a namespace is stored, nobody has been told',
  'namespace.delete.recorded': 'a namespace is deleted, nobody has been told',
  'snapshot.create.planned': 'a new snapshot has its number, nothing else',
  'snapshot.create.made': 'the directories of a snapshot are made, no record names them',
  'snapshot.create.stored': 'the snapshotter has the new snapshot, the metadata has not',
  'snapshot.create.recorded': 'the metadata has the new snapshot, nobody has been told',
  'snapshot.commit.durable': 'all files of the snapshot are on disk, it is still active',
  'snapshot.commit.stored': 'the snapshotter has committed, the metadata has not',
  'snapshot.commit.recorded': 'the metadata has the committed snapshot, nobody has been told',
  'snapshot.update.stored': 'the snapshotter has the new labels, the metadata has not',
  'snapshot.update.recorded': 'the metadata has the new labels',
  'snapshot.remove.recorded': 'the metadata has forgotten the snapshot, the snapshotter has not',
  'snapshot.remove.stored': 'the snapshotter has forgotten the snapshot, its directories are still there',
  'snapshot.remove.renamed': 'the directories of a removed snapshot are set aside',
  'snapshot.remove.deleted': 'the directories of a removed snapshot are deleted',
  'gc.marked': 'garbage collection knows what is in use, nothing is deleted',
  'gc.swept': 'records of what is not in use are deleted, nobody has been told',
  'gc.blob.deleted': 'the bytes of a blob that no record names are deleted',
  'gc.cleaned': 'everything that no record names is gone from disk',
  'diff.apply.extracted': 'a layer is extracted, not synced',
  'diff.apply.durable': 'an extracted layer is on disk',
  'unpack.image.begun': 'a lease for the layers of an image is made, and it is known which of them are missing',
  'unpack.layer.prepared': 'the snapshot for a layer of an image is made, nothing is in it',
  'unpack.layer.extracted': 'a layer of an image is extracted, perhaps beside the one it goes on',
  'unpack.layer.committed': 'a layer of an image is committed on top of the one below',
  'unpack.image.recorded': 'an image is unpacked and its config refers to it, nobody has been told',
  'metadata.batch.queued': 'a batch of metadata is about to be written',
  'metadata.batch.written': 'a batch of metadata is written, nobody who waits for it knows',
  'event.published': 'an event is with all its subscribers',
} as const;

export type FailpointName = keyof typeof failpointNames;

/** Whether a text from outside names a failpoint. */
export function isFailpointName(text: string): text is FailpointName {
  return Object.hasOwn(failpointNames, text);
}
