import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { DEFAULT_HPARAMS, parseHparams } from '../../src/hparams/index.ts';

describe('an hparams string', () => {
  it('keeps the defaults of TensorFlow where it names nothing', () => {
    expect(parseHparams('')).toEqual({
      name: 'model_pruning',
      begin_pruning_step: 0,
      end_pruning_step: -1,
      weight_sparsity_map: [],
      block_dims_map: [],
      threshold_decay: 0,
      pruning_frequency: 10,
      nbins: 256,
      block_height: 1,
      block_width: 1,
      block_pooling_function: 'AVG',
      initial_sparsity: 0,
      target_sparsity: 0.5,
      sparsity_function_begin_step: 0,
      sparsity_function_end_step: 100,
      sparsity_function_exponent: 3,
      use_tpu: false,
      do_not_prune: [],
    });
  });

  it.each([
    ['one clause', 'target_sparsity=0.9', { target_sparsity: 0.9 }],
    ['a trailing comma', 'target_sparsity=0.9,', { target_sparsity: 0.9 }],
    ['a trailing comma and blanks', 'target_sparsity=0.9,  ', { target_sparsity: 0.9 }],
    ['blanks around =', 'nbins = 7,name\t=  a', { nbins: 7, name: 'a' }],
    ['blanks and line ends after commas', 'nbins=7, \n  name=a', { nbins: 7, name: 'a' }],
    ['a blank after a scalar', 'nbins=7 ,name=a ', { nbins: 7, name: 'a' }],
    ['an empty list', 'do_not_prune=[]', { do_not_prune: [] }],
    ['a list split at commas', 'do_not_prune=[a,b]', { do_not_prune: ['a', 'b'] }],
    ['a list split at blanks', 'do_not_prune=[ a  b\tc ]', { do_not_prune: ['a', 'b', 'c'] }],
    [
      'a list split at both',
      'do_not_prune=[a, b,,c ,d],nbins=7',
      { do_not_prune: ['a', 'b', 'c', 'd'], nbins: 7 },
    ],
    ['an integer', 'nbins=-12', { nbins: -12 }],
    ['minus zero as an integer', 'nbins=-0', { nbins: 0 }],
    ['an integer with a plus', 'nbins=+12', { nbins: 12 }],
    ['the largest int32', 'nbins=2147483647', { nbins: 2147483647 }],
    ['-1 as a step', 'end_pruning_step=-1', { end_pruning_step: -1 }],
    ['-1 as an extent', 'block_height=-1,block_width=-1', { block_height: -1, block_width: -1 }],
    ['a float without a point', 'sparsity_function_exponent=1', { sparsity_function_exponent: 1 }],
    ['a float without digits before the point', 'threshold_decay=.25', { threshold_decay: 0.25 }],
    [
      'a float without digits after the point',
      'sparsity_function_exponent=2.',
      { sparsity_function_exponent: 2 },
    ],
    ['a float with an exponent', 'sparsity_function_exponent=+.5e1', { sparsity_function_exponent: 5 }],
    ['a float below float32', 'initial_sparsity=1E-50', { initial_sparsity: 1e-50 }],
    ['minus zero', 'initial_sparsity=-0', { initial_sparsity: 0 }],
    ['true', 'use_tpu=true', { use_tpu: true }],
    ['True', 'use_tpu=True', { use_tpu: true }],
    ['false', 'use_tpu=false', { use_tpu: false }],
    ['False', 'use_tpu=False', { use_tpu: false }],
    ['an integer as true', 'use_tpu=-2', { use_tpu: true }],
    ['0 as false', 'use_tpu=0', { use_tpu: false }],
    ['a choice', 'block_pooling_function=MAX', { block_pooling_function: 'MAX' }],
    ['a scope name', 'name=run/cifar10.v1_a-b', { name: 'run/cifar10.v1_a-b' }],
    [
      'a sparsity map of regular expressions',
      'weight_sparsity_map=[^conv\\d/w:0.75 local(3|4).*:.9]',
      { weight_sparsity_map: ['^conv\\d/w:0.75', 'local(3|4).*:.9'] },
    ],
    [
      'a block map',
      'block_dims_map=[local3:4x1,local4:-1x16]',
      { block_dims_map: ['local3:4x1', 'local4:-1x16'] },
    ],
    [
      "google-research's names at their defaults",
      'prune_option=weight,gradient_decay_rate=.99,add_summary=1',
      {},
    ],
    ['a list that is not supported at its default', 'group_sparsity_map=[]', {}],
  ])('may hold %s', (_, text, values) => {
    expect(parseHparams(text)).toStrictEqual({ ...DEFAULT_HPARAMS, ...values });
  });

  it('holds the example of the documentation', () => {
    const text =
      'name=cifar10_pruning,initial_sparsity=0.3,target_sparsity=0.9,sparsity_function_begin_step=10,sparsity_function_end_step=150';
    expect(parseHparams(text)).toStrictEqual({
      ...DEFAULT_HPARAMS,
      name: 'cifar10_pruning',
      initial_sparsity: 0.3,
      target_sparsity: 0.9,
      sparsity_function_begin_step: 10,
      sparsity_function_end_step: 150,
    });
  });
});

const form = 'expected name=value or name=[v1,v2,...]';
const sparsityEntry = 'expected regex:sparsity with a valid regular expression and a sparsity in [0, 1)';
const blockEntry =
  'expected regex:HxW with a valid regular expression and integers H and W >= 1, or -1 for the whole axis';
const step = 'expected an integer in [0, 2147483647]';

describe('a bad hparams string', () => {
  it.each([
    // The text.
    [' nbins=1', `" nbins=1": there is a blank before the name, ${form}`],
    [' ', `" ": there is a blank before the name, ${form}`],
    ['nbins', `"nbins": there is no "=", ${form}`],
    ['target_sparsity:0.5,nbins=1', `"target_sparsity:0.5": there is no "=", ${form}`],
    ['nbins=1,,name=a', `",name=a": the clause is empty, ${form}`],
    [',', `",": the clause is empty, ${form}`],
    ['3bins=1', `"3bins=1": the name does not start with a letter, ${form}`],
    ['three\nbins', `"three bins": there is no "=", ${form}`],
    ['=1', `"=1": the name does not start with a letter, ${form}`],
    ['--nbins=1', `"--nbins=1": the name does not start with a letter, ${form}`],
    [
      'target-sparsity=0.5',
      `"target-sparsity=0.5": the name holds more than letters, digits, "_" and ".", ${form}`,
    ],
    ['do_not_prune=[a,b', `"do_not_prune=[a,b": the list has no closing "]", ${form}`],
    ['do_not_prune=[a]b,nbins=1', `"do_not_prune=[a]b": unexpected text next to the list, ${form}`],
    ['do_not_prune=a[b,c]', `"do_not_prune=a[b,c]": unexpected text next to the list, ${form}`],
    ['do_not_prune=[a] ,nbins=1', `"do_not_prune=[a] ": unexpected text next to the list, ${form}`],
    ['nbins[0]=1', `"nbins[0]=1": an element of a list cannot be assigned, ${form}`],
    ['do_not_prune[ 1 ] = a', `"do_not_prune[ 1 ] = a": an element of a list cannot be assigned, ${form}`],
    // The name.
    [
      'target_sparsty=0.9',
      '"target_sparsty=0.9": target_sparsty is unknown, expected a known name, the nearest is target_sparsity',
    ],
    ['Name=a', '"Name=a": Name is unknown, expected a known name, the nearest is name'],
    [
      'constructor=1',
      '"constructor=1": constructor is unknown, expected a known name, the nearest is use_tpu',
    ],
    ['nbins=1,name=a,nbins=1', '"nbins=1": nbins is assigned twice, expected each name once'],
    ['rank=7,rank=7', '"rank=7": rank is assigned twice, expected each name once'],
    // The type.
    ['pruning_frequency=1.0', `"pruning_frequency=1.0": "1.0" is not of type int, ${step}`],
    ['pruning_frequency=1e3', `"pruning_frequency=1e3": "1e3" is not of type int, ${step}`],
    ['pruning_frequency=', `"pruning_frequency=": "" is not of type int, ${step}`],
    [
      'begin_pruning_step=2147483648',
      `"begin_pruning_step=2147483648": "2147483648" is not of type int, ${step}`,
    ],
    [
      'target_sparsity=half',
      '"target_sparsity=half": "half" is not of type float, expected a number in [0, 1)',
    ],
    [
      'target_sparsity=0.5.1',
      '"target_sparsity=0.5.1": "0.5.1" is not of type float, expected a number in [0, 1)',
    ],
    ['target_sparsity=90%', '"target_sparsity=90%": "90%" is not of type float, expected a number in [0, 1)'],
    ['target_sparsity=0x1', '"target_sparsity=0x1": "0x1" is not of type float, expected a number in [0, 1)'],
    ['target_sparsity=nan', '"target_sparsity=nan": "nan" is not of type float, expected a number in [0, 1)'],
    [
      'sparsity_function_exponent=inf',
      '"sparsity_function_exponent=inf": "inf" is not of type float, expected a finite number >= 0',
    ],
    [
      'sparsity_function_exponent=1e999',
      '"sparsity_function_exponent=1e999": "1e999" is not of type float, expected a finite number >= 0',
    ],
    ['use_tpu=yes', '"use_tpu=yes": "yes" is not of type bool, expected true, false or an integer'],
    ['use_tpu=TRUE', '"use_tpu=TRUE": "TRUE" is not of type bool, expected true, false or an integer'],
    ['use_tpu=1.0', '"use_tpu=1.0": "1.0" is not of type bool, expected true, false or an integer'],
    [
      'target_sparsity=[0.5]',
      '"target_sparsity=[0.5]": a list is given for a single value, expected a number in [0, 1)',
    ],
    [
      'weight_sparsity_map=conv1:0.5',
      '"weight_sparsity_map=conv1:0.5": a single value is given for a list, expected [v1,v2,...], ' +
        'each regex:sparsity with a valid regular expression and a sparsity in [0, 1)',
    ],
    // The range.
    ['begin_pruning_step=-1', `"begin_pruning_step=-1": "-1" is refused, ${step}`],
    ['sparsity_function_begin_step=-1', `"sparsity_function_begin_step=-1": "-1" is refused, ${step}`],
    ['pruning_frequency=-10', `"pruning_frequency=-10": "-10" is refused, ${step}`],
    [
      'end_pruning_step=-2',
      '"end_pruning_step=-2": "-2" is refused, expected an integer in [1, 2147483647], or -1',
    ],
    ['target_sparsity=1', '"target_sparsity=1": "1" is refused, expected a number in [0, 1)'],
    ['target_sparsity=-0.1', '"target_sparsity=-0.1": "-0.1" is refused, expected a number in [0, 1)'],
    ['initial_sparsity=1.0', '"initial_sparsity=1.0": "1" is refused, expected a number in [0, 1)'],
    ['threshold_decay=1', '"threshold_decay=1": "1" is refused, expected a number in [0, 1)'],
    [
      'sparsity_function_exponent=-1',
      '"sparsity_function_exponent=-1": "-1" is refused, expected a finite number >= 0',
    ],
    [
      'block_height=0',
      '"block_height=0": "0" is refused, expected an integer in [1, 2147483647], or -1 for the whole axis',
    ],
    ['block_pooling_function=avg', '"block_pooling_function=avg": "avg" is refused, expected AVG or MAX'],
    [
      'name=',
      '"name=": "" is refused, expected a TensorFlow scope name: letters, digits and _ . / - with a letter, digit or . first',
    ],
    ['weight_sparsity_map=[conv1]', `"weight_sparsity_map=[conv1]": "conv1" is refused, ${sparsityEntry}`],
    ['weight_sparsity_map=[conv1:]', `"weight_sparsity_map=[conv1:]": "conv1:" is refused, ${sparsityEntry}`],
    ['weight_sparsity_map=[:0.5]', `"weight_sparsity_map=[:0.5]": ":0.5" is refused, ${sparsityEntry}`],
    [
      'weight_sparsity_map=[a:0.5,conv1:1]',
      `"weight_sparsity_map=[a:0.5,conv1:1]": "conv1:1" is refused, ${sparsityEntry}`,
    ],
    [
      'weight_sparsity_map=[a:b:0.5]',
      `"weight_sparsity_map=[a:b:0.5]": "a:b:0.5" is refused, ${sparsityEntry}`,
    ],
    [
      'weight_sparsity_map=[conv(1:0.5]',
      `"weight_sparsity_map=[conv(1:0.5]": "conv(1:0.5" is refused, ${sparsityEntry}`,
    ],
    [
      'weight_sparsity_map=[conv1\\Z:0.5]',
      `"weight_sparsity_map=[conv1\\Z:0.5]": "conv1\\Z:0.5" is refused, ${sparsityEntry}`,
    ],
    ['block_dims_map=[local3:4]', `"block_dims_map=[local3:4]": "local3:4" is refused, ${blockEntry}`],
    [
      'block_dims_map=[local3:4x4x4]',
      `"block_dims_map=[local3:4x4x4]": "local3:4x4x4" is refused, ${blockEntry}`,
    ],
    ['block_dims_map=[local3:4x0]', `"block_dims_map=[local3:4x0]": "local3:4x0" is refused, ${blockEntry}`],
    ['block_dims_map=[local3:4x]', `"block_dims_map=[local3:4x]": "local3:4x" is refused, ${blockEntry}`],
    [
      'block_dims_map=[local3:1.5x2]',
      `"block_dims_map=[local3:1.5x2]": "local3:1.5x2" is refused, ${blockEntry}`,
    ],
    // Two names together.
    [
      'begin_pruning_step=5,end_pruning_step=5',
      '"begin_pruning_step=5,end_pruning_step=5": pruning ends before it begins, ' +
        'expected begin_pruning_step < end_pruning_step, or end_pruning_step=-1',
    ],
    [
      'sparsity_function_begin_step=100',
      '"sparsity_function_begin_step=100,sparsity_function_end_step=100": the sparsity function ends before it begins, ' +
        'expected sparsity_function_begin_step < sparsity_function_end_step',
    ],
    // What is not supported yet.
    [
      'prune_option=first_order_gradient',
      '"prune_option=first_order_gradient": prune_option is not supported yet, expected its default prune_option=weight',
    ],
    [
      'add_summary=False',
      '"add_summary=False": add_summary is not supported yet, expected its default add_summary=true',
    ],
    [
      'group_sparsity_map=[a:0.5]',
      '"group_sparsity_map=[a:0.5]": group_sparsity_map is not supported yet, expected its default group_sparsity_map=[]',
    ],
    [
      'compression_option=x',
      '"compression_option=x": "x" is not of type int, expected an integer of 32 bits',
    ],
  ])('%s is refused', (text, message) => {
    const error = thrownBy(() => parseHparams(text));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'hparams', message: `pruning hparams: ${message}` });
    expect((error as UserError).hint).toMatch(/^[^\n]+$/);
    expect((error as UserError).message).not.toContain('\n');
  });

  it('gets the known names as a hint where a name is unknown', () => {
    const error = thrownBy(() => parseHparams('sparsity=0.5'));
    expect(error).toMatchObject({
      hint: expect.stringMatching(/^Use one of name, .*target_sparsity.*do_not_prune\.$/),
    });
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
