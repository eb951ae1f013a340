/**
 * Solves (matrix + ridge · mean diagonal · I) · x = target by Cholesky's factorisation.
 *
 * @param matrix symmetric, non-negative, k × k by rows; overwritten
 * @returns k values; all 0 where the matrix is too close to singular. Cost O(k³ / 6)
 */
export function solveRidge(matrix: Float64Array, target: Float64Array, ridge: number): Float64Array {
  const size = target.length;
  let trace = 0;
  for (let index = 0; index < size; index += 1) trace += matrix[index * size + index] ?? 0;
  const added = (ridge * trace) / size;
  for (let index = 0; index < size; index += 1) {
    matrix[index * size + index] = (matrix[index * size + index] ?? 0) + added;
  }
  if (!factorise(matrix, size)) return new Float64Array(size);
  return substitute(matrix, target, size);
}

function factorise(matrix: Float64Array, size: number): boolean {
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column] ?? 0;
      for (let index = 0; index < column; index += 1) {
        sum -= (matrix[row * size + index] ?? 0) * (matrix[column * size + index] ?? 0);
      }
      if (row === column) {
        if (!(sum > 0)) return false;
        matrix[row * size + row] = Math.sqrt(sum);
      } else {
        matrix[row * size + column] = sum / (matrix[column * size + column] ?? 1);
      }
    }
  }
  return true;
}

function substitute(factor: Float64Array, target: Float64Array, size: number): Float64Array {
  const solution = target.slice();
  for (let row = 0; row < size; row += 1) {
    let sum = solution[row] ?? 0;
    for (let index = 0; index < row; index += 1) {
      sum -= (factor[row * size + index] ?? 0) * (solution[index] ?? 0);
    }
    solution[row] = sum / (factor[row * size + row] ?? 1);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = solution[row] ?? 0;
    for (let index = row + 1; index < size; index += 1) {
      sum -= (factor[index * size + row] ?? 0) * (solution[index] ?? 0);
    }
    solution[row] = sum / (factor[row * size + row] ?? 1);
  }
  return solution;
}
