import { filled, type KernelTests } from '../kernel-test.ts';

export const layout: KernelTests<'clearRowEnds' | 'copyStrided' | 'transpose'> = {
  clearRowEnds: {
    draw: (arena, set) => {
      const [planes, rows, columns] = [arena.integer(1, 3), arena.integer(1, 4), arena.integer(1, 20)];
      const row = arena.stride(4 * filled(columns, set));
      const plane = arena.stride(rows * row);
      const target = arena.floats((planes * plane) / 4);
      return { kernel: 'clearRowEnds', planes, target, plane, rows, row, columns };
    },
    reference: ({ planes, target, plane, rows, row, columns }, _, expected, set) => {
      for (let p = 0; p < planes; p++)
        for (let r = 0; r < rows; r++)
          for (let column = columns; column < filled(columns, set); column++)
            expected.float(target + p * plane + r * row + 4 * column, 0);
    },
  },
  copyStrided: {
    draw: (arena) => {
      const [planes, rows, columns] = [arena.integer(1, 4), arena.integer(1, 5), arena.integer(0, 20)];
      const lie = () => {
        // Planes of rows of columns, or pixels of channels.
        const planar = arena.flag() === 1;
        const column = planar ? 4 * arena.pick(1, 1, 2, 3) : arena.stride(4 * planes);
        const row = arena.stride(columns * column);
        const plane = planar ? arena.stride(rows * row) : 4;
        const values = (planes * plane + rows * row + columns * column) / 4;
        return { plane, row, column, values };
      };
      const [source, target] = [lie(), lie()];
      return {
        kernel: 'copyStrided',
        source: arena.floats(source.values),
        target: arena.room(4 * target.values),
        planes,
        rows,
        columns,
        sourcePlane: source.plane,
        sourceRow: source.row,
        sourceColumn: source.column,
        targetPlane: target.plane,
        targetRow: target.row,
        targetColumn: target.column,
      };
    },
    reference: (call, before, expected) => {
      for (let plane = 0; plane < call.planes; plane++)
        for (let row = 0; row < call.rows; row++)
          for (let column = 0; column < call.columns; column++) {
            const { sourcePlane, sourceRow, sourceColumn, targetPlane, targetRow, targetColumn } = call;
            const from = call.source + plane * sourcePlane + row * sourceRow + column * sourceColumn;
            const to = call.target + plane * targetPlane + row * targetRow + column * targetColumn;
            expected.float(to, before.float(from));
          }
    },
  },
  transpose: {
    draw: (arena, set) => {
      const [rows, columns] = [arena.integer(1, 26), arena.integer(1, 13)];
      const sourceRow = arena.stride(4 * columns);
      const targetRow = arena.stride(4 * filled(rows, set));
      const source = arena.floats((rows * sourceRow) / 4);
      const target = arena.room(columns * targetRow);
      return { kernel: 'transpose', source, target, rows, columns, sourceRow, targetRow };
    },
    reference: ({ source, target, rows, columns, sourceRow, targetRow }, before, expected, set) => {
      for (let column = 0; column < columns; column++)
        for (let row = 0; row < filled(rows, set); row++) {
          const value = row < rows ? before.float(source + row * sourceRow + 4 * column) : 0;
          expected.float(target + column * targetRow + 4 * row, value);
        }
    },
  },
};
