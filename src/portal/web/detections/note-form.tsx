import { useState } from 'preact/hooks';

/** A word for whoever looks at it next. */
export function NoteForm({ note }: { note(text: string): Promise<void> }) {
  const [text, setText] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() !== '') void note(text.trim()).then(() => setText(''));
  };
  return (
    <form class="note-form" onSubmit={submit}>
      <label class="hidden-words" for="detection-note">
        Note
      </label>
      <input
        id="detection-note"
        maxLength={2_000}
        placeholder="Add a note"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" disabled={text.trim() === ''}>
        Add note
      </button>
    </form>
  );
}
