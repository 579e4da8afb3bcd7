import { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** The name of the index over items with work to do. */
export const DUE_INDEX = 'due';

/** The table of all items of a team. It outlives its stack: nothing but a person deletes results. */
export function createTable(scope: Construct): Table {
  const table = new Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    timeToLiveAttribute: 'expires',
  });
  table.addGlobalSecondaryIndex({
    indexName: DUE_INDEX,
    partitionKey: { name: 'duePk', type: AttributeType.STRING },
    sortKey: { name: 'due', type: AttributeType.NUMBER },
    // The sweep reads each item anew, so the index needs to name it only.
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
}

/** What the rest of a stack asks of a table. */
export type TableInUse = Pick<
  ITable,
  'tableArn' | 'tableName' | 'metricConsumedReadCapacityUnits' | 'metricConsumedWriteCapacityUnits'
>;

/**
 * The table that the functions work on: the stack's own, or the one of that name. The stack keeps its own either way, so
 * that no deployment lets go of data, and the next one can go back to it.
 */
export const tableInUse = (own: Table, name: string | null): TableInUse =>
  name === null ? own : Table.fromTableName(own, 'InUse', name);
