import type { SQSRecord } from 'aws-lambda';

/** A message as Lambda hands it to a function, with what no function of ours looks at filled in. */
export const sqsRecord = (
  told: Pick<SQSRecord, 'messageId' | 'receiptHandle' | 'body'>,
): SQSRecord => ({
  ...told,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 'test',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'test',
  awsRegion: 'eu-central-1',
});
