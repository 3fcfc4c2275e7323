import type { Fault } from './fault.ts'
import type { Scene } from './scene.ts'

const passAgain = async ({ proxy }: Scene) => proxy.pass()

export const networkFaults: readonly Fault[] = [
  {
    name: 'connections refused',
    begin: ({ proxy }) => {
      proxy.refuse()
      proxy.cut()
    },
    end: passAgain,
    disable: 'during',
    refusesWrites: true,
  },
  {
    name: 'connections cut, again and again',
    begin: ({ proxy }) => proxy.cutEvery(150),
    end: passAgain,
    disable: 'during',
  },
  {
    name: 'blackhole: taken, and never answered',
    begin: ({ proxy }) => proxy.blackhole(),
    end: passAgain,
    disable: 'during',
    // As long as a writer that it has cut off holds the lock of its organization.
    milliseconds: 3000,
    refusesWrites: true,
  },
  {
    name: 'the listening connection cut, again and again',
    begin: ({ proxy }) => proxy.cutEvery(150, 'countersign tail'),
    end: passAgain,
    disable: 'during',
  },
  {
    name: 'all 150 ms later, each way',
    begin: ({ proxy }) => proxy.delay(150, 150),
    end: passAgain,
    disable: 'during',
  },
]
