import { randomUUID } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

/*
 * The least that anything on the emulator can do: one conditional write of an item that nobody else writes. What the
 * service manages is given as a ratio to it, since an emulator's speed says nothing about DynamoDB's.
 */

const client = new DynamoDBClient({ endpoint: process.env['RUNGWISE_DYNAMODB_ENDPOINT'] ?? '' });
const BODY = 'x'.repeat(900);

/** Writes an item anew, if it is not there yet. */
export const handler = async (): Promise<void> => {
  const Item = { pk: { S: randomUUID() }, sk: { S: 'bare' }, d: { S: BODY } };
  const TableName = process.env['RUNGWISE_TABLE'];
  const ConditionExpression = 'attribute_not_exists(pk)';
  await client.send(new PutItemCommand({ TableName, Item, ConditionExpression }));
};
