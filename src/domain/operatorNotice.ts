/** What the people who run the shop are told. */
import type { OperatorNotice } from '../messages/operatorNotice';
import type { AnnouncedMessage } from './announcement';
import { noticeId } from './ids';

/** @param notice with the time from the workflow's clock */
export const operatorNotice = (notice: OperatorNotice): AnnouncedMessage => ({
  type: 'OperatorNotice',
  id: noticeId(notice.orderId, notice.reason, notice.shipment),
  key: notice.orderId,
  time: notice.at,
  data: notice,
});
