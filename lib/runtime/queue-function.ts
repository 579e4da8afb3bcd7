import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Deadline } from './deadline.ts';

/** A function that a queue calls with a batch; a laptop's call is never ended from outside. */
export type QueueFunction = (event: SQSEvent, deadline?: Deadline) => Promise<SQSBatchResponse>;
