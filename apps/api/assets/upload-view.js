import { post, refusalText } from './api.js';
import { byId } from './dom.js';

let unit = null;

/** Offers to attach a logger file to a unit; null: there is none, or the account may not. */
export function offerUpload(sscc) {
  unit = sscc;
  byId('upload-card').hidden = sscc === null;
}

byId('upload').addEventListener('submit', (event) => {
  event.preventDefault();
  void upload();
});

async function upload() {
  const status = byId('upload-status');
  const button = byId('upload').querySelector('button');
  const [file] = byId('logger-file').files;
  if (file === undefined || unit === null) return;
  button.disabled = true;
  status.textContent = 'Reading …';
  try {
    const zone = byId('logger-zone').value.trim();
    const answer = await post(`/v1/units/${unit}/logger-files`, {
      name: file.name,
      content: await file.text(),
      ...(zone === '' ? {} : { zone }),
    });
    status.textContent = sentenceOf(answer);
    byId('upload').reset();
    document.dispatchEvent(new Event('coldchain:changed'));
  } catch (error) {
    status.textContent = refusalText(error);
  } finally {
    button.disabled = false;
  }
}

function sentenceOf({ repeated, device, serial, readings, evidence, zone, problems, contradictions }) {
  const { inFile, stored, duplicates, outside } = readings;
  return [
    `${repeated ? 'This file was attached before' : 'Attached'}: ${device} ${serial ?? ''}.`,
    `${inFile} readings, ${stored} new, ${duplicates} known already, ${outside} of a time when you did not have the unit.`,
    evidence === 'readings' ? '' : 'The file has no single readings: it is kept, and covers no time.',
    zone.assumed ? 'The file names no time zone: UTC was taken.' : '',
    problems.length === 0 ? '' : `${problems.length} lines could not be read.`,
    contradictions.length === 0
      ? ''
      : `It differs from the device’s own records: ${contradictions.map(({ message }) => message).join('; ')}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
