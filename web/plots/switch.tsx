import { useId } from 'preact/hooks';

interface SwitchProps<Name extends string> {
  readonly label: string;
  readonly choices: readonly { readonly name: Name; readonly title: string }[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
}

/** One choice of a few, above a plot. */
export function Switch<Name extends string>({
  label,
  choices,
  chosen,
  onChoose,
}: SwitchProps<Name>) {
  const group = useId();
  return (
    <fieldset class="plot-switch">
      <legend>{label}</legend>
      {choices.map(({ name, title }) => (
        <label key={name}>
          <input
            type="radio"
            name={group}
            checked={name === chosen}
            onChange={() => onChoose(name)}
          />
          {title}
        </label>
      ))}
    </fieldset>
  );
}
