import { after, test } from 'node:test';
import { queueContract } from '../contracts/queue.ts';
import { elasticMqMissing, startElasticMq } from '../helpers/elasticmq.ts';
import { openSqsQueue } from '../helpers/sqs.ts';

const missing = elasticMqMissing();
if (missing === null) {
  const server = await startElasticMq();
  after(() => server.stop());
  queueContract('SQS (ElasticMQ)', {
    open: (maxReceives) => openSqsQueue(server.client, maxReceives, server.pass),
    histories: 3,
  });
} else {
  test('the queue on SQS (ElasticMQ)', { skip: missing }, () => {});
}
