import { TaskBody } from '@darkroom/shared/dialects';
import { DeletedTaskAnswer, Task, TaskAnswer, TaskListAnswer } from './answers.ts';
import { type Operation, orderHeaders } from './operation.ts';

const common = { tag: 'Tasks', dialect: 'native', opens: 'key' } as const;

export const taskOperations: readonly Operation[] = [
  {
    ...common,
    method: 'post',
    path: '/v1/images/tasks',
    summary: 'Order pictures; the answer comes once the order is kept',
    headers: { ...orderHeaders, Prefer: '`wait=SECONDS`, up to 60: hold the answer until the task has ended' },
    body: {
      schema: TaskBody,
      example: {
        model: 'NanoBanana',
        prompt: 'a pear on a blue table',
        aspect_ratio: '1:1',
        labels: { team: 'fruit' },
      },
    },
    answers: { 200: { says: 'The task, kept', schema: TaskAnswer } },
    refusals: { 422: 'The Idempotency-Key was used for another request' },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/images/tasks',
    summary: 'List the tasks of this key, newest first',
    query: {
      limit: '1-100, 20 where left out',
      cursor: '`next_cursor` of the page before',
      status: 'only tasks of this status',
      model: 'only tasks of this model',
      label: '`key:value`, also several',
    },
    answers: { 200: { says: 'A page of tasks', schema: TaskListAnswer } },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/images/tasks/{task_id}',
    summary: 'Query a task',
    query: { wait: 'seconds, up to 60: hold the answer until the task has ended' },
    answers: { 200: { says: 'The task as it is now', schema: TaskAnswer } },
  },
  {
    ...common,
    method: 'post',
    path: '/v1/images/tasks/{task_id}/cancel',
    summary: 'Cancel a task, queued or in flight',
    answers: { 200: { says: 'The canceled task', schema: TaskAnswer } },
    refusals: { 409: 'The task has ended' },
  },
  {
    ...common,
    method: 'delete',
    path: '/v1/images/tasks/{task_id}',
    summary: 'Remove an ended task: pictures, prompt and record',
    answers: { 200: { says: 'It is gone', schema: DeletedTaskAnswer } },
    refusals: { 409: 'The task has not ended' },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/images/tasks/{task_id}/events',
    summary: 'What becomes of a task, as server-sent events, until it has ended',
    headers: { 'Last-Event-ID': 'the last event you had: the stream goes on from there' },
    answers: {
      200: { says: 'An event for each change; `data` is the task', media: 'text/event-stream', events: Task },
    },
  },
  {
    ...common,
    method: 'get',
    path: '/v1/events',
    summary: 'What becomes of all tasks of this key, as server-sent events',
    headers: { 'Last-Event-ID': 'the last event you had: the stream goes on from there' },
    answers: {
      200: { says: 'An event for each change; `data` is the task', media: 'text/event-stream', events: Task },
    },
    endless: true,
  },
];
